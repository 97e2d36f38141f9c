import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { whileSending } from "../e2e/while-sending.ts";
import { serviceAddress, type Bench } from "./harness.ts";
import type { RealPod } from "./pods.ts";
import { run } from "./run.ts";

/** What became of the spans of one protocol, from three pods. */
export interface LoadResult {
  readonly sent: number;
  /** Requests that were not accepted, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  /** Spans that never arrived. */
  readonly missing: number;
  /** Spans that arrived more than once. */
  readonly duplicates: number;
  /** Pods whose spans arrived with an address that is not theirs, and which. */
  readonly wrongAddresses: readonly string[];
}

/** Spans a second and sender. */
const perSecond = 100;

const program = join(import.meta.dirname, "programs", "send-without-retries.ts");

/** What one pod has sent. */
interface Sent {
  readonly protocol: Protocol;
  readonly pod: RealPod;
  readonly traceId: string;
  readonly sent: number;
  readonly lost: Readonly<Record<string, number>>;
}

type Protocol = "grpc" | "http";

/** Runs `work` under load, and says what became of every span. */
export async function underLoad(
  bench: Bench,
  work: () => Promise<unknown>,
): Promise<Record<Protocol, LoadResult>> {
  return judge(bench, await load(bench, work));
}

/**
 * Runs `work` while all sender pods send, half of them over HTTP and half over gRPC, without any retry.
 */
export async function load(bench: Bench, work: () => Promise<unknown>): Promise<Sent[]> {
  const host = await serviceAddress(bench);
  const send = (stopFile: string) =>
    Promise.all(
      bench.senders.map(async (pod, index) => {
        const protocol = index % 2 === 0 ? ("http" as const) : ("grpc" as const);
        const address = `${host}:${protocol === "http" ? 4318 : 4317}`;
        const input = JSON.stringify({ protocol, address, stopFile, perSecond });
        const command = bench.cluster.inPod(pod, [process.execPath, program]);
        const output = JSON.parse(await run(command, input)) as Pick<Sent, "lost" | "sent" | "traceId">;
        return { protocol, pod, ...output };
      }),
    );
  return whileSending(send, work, 3_000);
}

/** Waits for what was accepted, and says what became of every span. */
export async function judge(bench: Bench, sent: readonly Sent[]): Promise<Record<Protocol, LoadResult>> {
  const all = await Promise.all(
    sent.map(async (each) => ({ protocol: each.protocol, ...(await judgeOne(bench, each)) })),
  );
  const of = (wanted: Protocol) => sum(all.filter(({ protocol }) => protocol === wanted));
  const result = { http: of("http"), grpc: of("grpc") };
  // What a change costs is worth a look where the test passes, too.
  console.log(JSON.stringify(result));
  return result;
}

async function judgeOne({ deepFlow }: Bench, { pod, traceId, sent, lost }: Sent): Promise<LoadResult> {
  const accepted = sent - Object.values(lost).reduce((total, count) => total + count, 0);
  const end = Date.now() + 20_000;
  while (deepFlow.arrived(traceId).size < accepted && Date.now() < end) await delay(100);
  const arrived = deepFlow.arrived(traceId);
  const wrong = deepFlow.addresses(traceId).filter((address) => address !== pod.podIP);
  return {
    sent,
    lost,
    missing: sent - arrived.size,
    duplicates: [...arrived.values()].filter((count) => count > 1).length,
    wrongAddresses: wrong.map((address) => `${pod.name}: ${address}`),
  };
}

function sum(results: readonly LoadResult[]): LoadResult {
  const lost: Record<string, number> = {};
  for (const result of results)
    for (const [reason, count] of Object.entries(result.lost)) lost[reason] = (lost[reason] ?? 0) + count;
  const total = (field: "sent" | "missing" | "duplicates") =>
    results.reduce((so, result) => so + result[field], 0);
  return {
    sent: total("sent"),
    lost,
    missing: total("missing"),
    duplicates: total("duplicates"),
    wrongAddresses: results.flatMap(({ wrongAddresses }) => wrongAddresses),
  };
}

/** Fails where a span was lost, came twice, or has an address that is not its pod's. */
export function expectNothingLost(results: Readonly<Record<Protocol, LoadResult>>): void {
  for (const result of Object.values(results))
    expect(result).toMatchObject({ lost: {}, missing: 0, duplicates: 0, wrongAddresses: [] });
}
