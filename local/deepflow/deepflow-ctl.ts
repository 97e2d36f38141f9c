import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { releaseVariable } from "./ctl/release.ts";
import type { CtlRelease } from "./ctl/release.ts";

export { ctlReleases, releaseVariable } from "./ctl/release.ts";
export type { CtlRelease } from "./ctl/release.ts";

export interface InstallOptions {
  /** Which deepflow-ctl it is to be; by default the environment says so, and else the newest. */
  generation?: CtlRelease;
  /** By default `deepflow-ctl`. */
  name?: string;
}

/**
 * Writes a program `deepflow-ctl` into the folder, which is made if need be: a stand-in for DeepFlow's command-line
 * tool (cli/ctl of deepflowio/deepflow), with its output on its streams and its status, which is always 0.
 *
 * @returns the program's path.
 */
export function installDeepflowCtl(folder: string, options: InstallOptions = {}): string {
  const { generation, name = "deepflow-ctl" } = options;
  const main = join(import.meta.dirname, "ctl", "main.ts");
  const cache = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "deepflow-ctl");
  const lines = [
    "#!/bin/sh",
    ...(generation === undefined ? [] : [`export ${releaseVariable}=${generation}`]),
    // Settings of whoever calls it are no business of a program that is not Node.js.
    "unset NODE_OPTIONS",
    // Compiling takes longer than everything else, and a stack calls it a dozen times.
    `export NODE_COMPILE_CACHE=${quoted(cache)}`,
    `exec ${quoted(process.execPath)} ${quoted(main)} "$@"`,
  ];
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  // Not left to the mode of creation, which does not apply to a file that is there already.
  chmodSync(path, 0o755);
  return path;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
