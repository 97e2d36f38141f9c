import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The environment's PATH with the folders of `ip` added, which are not on everybody's. */
export function searchPath(): string {
  return [process.env["PATH"] ?? "", "/usr/sbin", "/sbin"].filter((part) => part !== "").join(delimiter);
}

/** Whether a program of that name can be started; `path` is the environment's PATH by default. */
export function isOnPath(name: string, path = process.env["PATH"] ?? ""): boolean {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
