import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stateDir } from "../../local/cluster/supervisor/state.ts";

/** A process, with its command line. */
export interface Process {
  pid: number;
  args: string[];
}

/**
 * Every process that belongs to the cluster of that name: each names it, or its folder, on its command line.
 */
export function processesOf(name: string): Process[] {
  const folder = `${stateDir(name)}/`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), args: commandLine(entry) }))
    .filter(({ args }) => args.some((arg) => arg === name || arg.includes(folder)));
}

/** The one of these processes that has `program` in its command line. */
export function processNamed(name: string, program: string): Process | undefined {
  // The last, since unshare carries the supervisor's command line as well, and comes before it.
  return processesOf(name).findLast(({ args }) => args.some((arg) => arg.endsWith(program)));
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(join("/proc", pid, "cmdline"), "utf8").split("\0");
  } catch {
    // It ended since the folder was listed.
    return [];
  }
}
