import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { logTail } from "./log-tail.ts";

/** A program that runs for as long as the cluster does. */
export interface ServiceProcess {
  name: string;
  /** As the namespace numbers it. */
  pid: number;
  log: string;
  /** Rejects, with the end of its log, when the program ends without having been asked to. Never resolves. */
  died: Promise<never>;
  /** SIGTERM, and SIGKILL if that has not ended it within `timeoutMs`. */
  stop(timeoutMs?: number): Promise<void>;
}

/** Starts a program; what it prints goes to `<dir>/log/<name>.log`. */
export function startService(
  name: string,
  dir: string,
  program: string,
  args: readonly string[],
): ServiceProcess {
  const log = join(dir, "log", `${name}.log`);
  const output = openSync(log, "a", 0o600);
  const child = spawn(program, args, { cwd: dir, stdio: ["ignore", output, output] });
  closeSync(output);

  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? `ended with exit status ${String(code)}` : `was ended by ${signal}`);
    });
  });
  const died = ended.then(async (how) => {
    if (stopping) return await new Promise<never>(() => undefined);
    throw new Error(`${name} ${how}. ${logTail(log)}`);
  });
  // Whoever waits for it hears of it; nobody may be waiting just now.
  died.catch(() => undefined);

  return {
    name,
    pid: child.pid ?? 0,
    log,
    died,
    async stop(timeoutMs = 1000) {
      stopping = true;
      child.kill("SIGTERM");
      const settled = new AbortController();
      const late = setTimeout(timeoutMs, undefined, { signal: settled.signal }).then(
        () => child.kill("SIGKILL"),
        () => undefined,
      );
      await ended;
      settled.abort();
      await late;
    },
  };
}
