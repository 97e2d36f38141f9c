import { readFileSync } from "node:fs";

/** A process, told apart from a later one that got the same number. */
export interface ProcessId {
  pid: number;
  /** Clock ticks from the machine's start to the process's. */
  startTime: string;
}

/** Identifies a running process; undefined where there is none of that number. */
export function processId(pid: number): ProcessId | undefined {
  try {
    // The second field is the program's name in brackets, which may hold spaces and brackets itself.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; its parent only did not look yet.
    return state === "Z" || state === "X" ? undefined : { pid, startTime: fields[18] ?? "" };
  } catch {
    return undefined;
  }
}

/** Whether that very process still runs. */
export function isAlive(process: ProcessId): boolean {
  return processId(process.pid)?.startTime === process.startTime;
}

/** Ends that very process at once, if it still runs. */
export function kill(target: ProcessId): void {
  if (isAlive(target)) process.kill(target.pid, "SIGKILL");
}
