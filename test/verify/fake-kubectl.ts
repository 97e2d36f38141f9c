import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A kubectl that writes down each of its arguments, answers `get` with a list and `port-forward` with what
 * `forwards` says: a port that it says it forwards, or an error.
 *
 * @returns the program's path, and the file of its calls, a JSON array a line.
 */
export function fakeKubectl(forwards: { port: number } | { error: string }, list: unknown = { items: [] }) {
  const folder = mkdtempSync(join(tmpdir(), "fake-kubectl-"));
  const [program, calls] = [join(folder, "kubectl"), join(folder, "calls")];
  writeFileSync(
    program,
    `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
fs.appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ pid: process.pid, args }) + "\\n");
if (args.includes("get")) {
  console.log(${JSON.stringify(JSON.stringify(list))});
} else {
  const forwards = ${JSON.stringify(forwards)};
  if (forwards.error) { console.error(forwards.error); process.exit(1); }
  console.log("Forwarding from 127.0.0.1:" + forwards.port + " -> 1");
  setInterval(() => {}, 1000);
}
`,
  );
  chmodSync(program, 0o755);
  writeFileSync(calls, "");
  return { program, calls, folder };
}
