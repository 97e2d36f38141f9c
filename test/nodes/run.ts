import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/**
 * Runs a command and returns its standard output.
 *
 * @throws Error, with its standard error, if it failed.
 */
export async function run([program = "", ...args]: readonly string[], input = ""): Promise<string> {
  const child = spawn(program, args, { stdio: "pipe" });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const closed = once(child, "close") as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (code === 0) return stdout;
  throw new Error(`\`${[program, ...args].join(" ")}\` ended with ${String(code)}: ${stderr.trim()}`);
}
