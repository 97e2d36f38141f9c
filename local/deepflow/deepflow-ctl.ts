import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface InstallOptions {
  /** Which deepflow-ctl it is: the newest (default), or one that speaks to servers before v6.6.9. */
  readonly generation?: "new" | "v6.5.9";
}

/**
 * Writes a program `deepflow-ctl` into the folder, which is made if need be: a stand-in for DeepFlow's
 * command-line tool (cli/ctl of deepflowio/deepflow), as far as the component and the tests use it.
 *
 * @returns the program's path.
 */
export function installDeepflowCtl(folder: string, { generation = "new" }: InstallOptions = {}): string {
  const main = join(import.meta.dirname, "ctl", "main.ts");
  const cache = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "deepflow-ctl");
  const lines = [
    "#!/bin/sh",
    `export DEEPFLOW_CTL_RELEASE=${generation}`,
    // Settings of whoever calls it are no business of a program that is not Node.js.
    "unset NODE_OPTIONS",
    // Compiling takes longer than everything else, and a stack calls it a dozen times.
    `export NODE_COMPILE_CACHE=${quoted(cache)}`,
    `exec ${quoted(process.execPath)} ${quoted(main)} "$@"`,
  ];
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "deepflow-ctl");
  writeFileSync(path, `${lines.join("\n")}\n`);
  // Not left to the mode of creation, which does not apply to a file that is there already.
  chmodSync(path, 0o755);
  return path;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
