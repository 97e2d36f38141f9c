import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

const folder = join(import.meta.dirname, "results");

/** What figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Day of the run, as 2026-01-31. */
  readonly date: string;
}

export type Measured<Result> = Result & { readonly machine: Machine };

/** Keeps what was measured, with the machine, in place of what was before. */
export function writeResult(name: string, result: object): void {
  const [cpu] = cpus();
  const machine: Machine = {
    cpu: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    date: new Date().toISOString().slice(0, 10),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
}

/** What was measured last. */
export function readResult(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
}
