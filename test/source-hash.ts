import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Twelve digits that change with any of these files of a folder, and with `more`. */
export function sourceHash(folder: string, files: readonly string[], ...more: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(folder, file)));
  return hash.update(JSON.stringify(more)).digest("hex").slice(0, 12);
}
