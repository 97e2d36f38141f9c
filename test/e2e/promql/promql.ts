import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildOnce } from "../../../local/cluster/toolchain/build-once.ts";
import { go } from "../../../local/cluster/toolchain/go.ts";
import { toolchain } from "../../../local/cluster/toolchain/toolchain.ts";
import { sourceHash } from "../../source-hash.ts";

/** What a target answered when it was scraped; without a text where it did not. */
export interface Scrape {
  readonly atSeconds: number;
  readonly text?: string;
}

interface Request {
  /** Labels that Prometheus adds to every series of the target. */
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapes: readonly Scrape[];
  /** A file of rules, which is loaded as Prometheus loads it. */
  readonly rules: string;
  readonly expressions: readonly string[];
}

/** An element of a query's result. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Evaluates expressions with Prometheus's own engine, each at the time of every scrape: by expression, then
 * by scrape.
 *
 * @throws Error with what Prometheus says of a rule or an expression that it does not take.
 */
export async function evaluate(request: Request): Promise<Sample[][][]> {
  const evaluation = promisify(execFile)(await program(), { maxBuffer: 64 * 1024 * 1024 });
  evaluation.child.stdin?.end(JSON.stringify(request));
  return JSON.parse((await evaluation).stdout) as Sample[][][];
}

async function program(): Promise<string> {
  const hash = sourceHash(import.meta.dirname, ["go.mod", "go.sum", "main.go"]);
  const folder = join(toolchain().dir, `promql-${hash}`);
  await buildOnce(folder, async (temporary) => {
    const run = { cwd: import.meta.dirname, signal: AbortSignal.timeout(buildMilliseconds) };
    await go(["build", "-trimpath", "-o", join(temporary, "promql"), "."], run);
  });
  return join(folder, "promql");
}

/** That the engine gets to be compiled, the first time. */
export const buildMilliseconds = 600_000;
