import type { Cluster } from "../../local/cluster/cluster.ts";
import type { ProgramResult } from "../../local/cluster/node/pod-program.ts";
import type { PodStatus } from "../../local/cluster/node/pod-status.ts";
import { podsIn } from "../../local/cluster/pods.ts";
import { appHostIps } from "../../local/deepflow/received.ts";
import { arrived } from "../../local/traffic.ts";
import { whileSending } from "./while-sending.ts";

/** What became of the spans of one sender. */
export interface LoadResult {
  readonly sender: string;
  readonly sent: number;
  /** Exports that the sender gave up, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  /** Spans that never arrived. */
  readonly missing: number;
  /** Spans that arrived more than once. */
  readonly duplicates: number;
  /** Whether every span that arrived has its own pod's address. */
  readonly rightAddress: boolean;
}

interface Load {
  readonly traceId: string;
  readonly sent: number;
  readonly lost: Readonly<Record<string, number>>;
}

/** Spans a second and sender. */
const perSecond = 100;

/**
 * Runs `work` while the sample pods send without a pause, two each over HTTP and gRPC, and says what became
 * of every span.
 */
export async function underLoad(cluster: Cluster, work: () => Promise<void>): Promise<LoadResult[]> {
  const senders = await podsIn(cluster, "sample-app");
  const send = (stopFile: string) =>
    Promise.all(senders.map(async (pod) => judge(cluster, pod.name, await load(cluster, pod, stopFile))));
  return whileSending(send, work, 2_000);
}

async function load(
  cluster: Cluster,
  { namespace, name, podIP }: PodStatus,
  stopFile: string,
): Promise<Load & { podIP: string }> {
  const { stdout, stderr } = (await cluster.control("POST", "/run", {
    ...{ namespace, pod: name, program: "test/e2e/programs/steady-load.ts" },
    input: { stopFile, perSecond, connections: 4 },
  })) as ProgramResult;
  if (stdout === "") throw new Error(`The sender in pod ${name} said: ${stderr.trim()}`);
  return { ...(JSON.parse(stdout) as Load), podIP };
}

async function judge(
  cluster: Cluster,
  sender: string,
  { traceId, sent, lost, podIP }: Load & { podIP: string },
): Promise<LoadResult> {
  const received = await arrived(cluster, traceId, sent);
  const distinct = new Set(received.map(({ spanId }) => spanId)).size;
  return {
    sender,
    sent,
    lost,
    missing: sent - distinct,
    duplicates: received.length - distinct,
    rightAddress: appHostIps(received).join() === podIP,
  };
}

/** Senders that lost a span, or whose spans came with another pod's address; none if all is well. */
export function losses(results: readonly LoadResult[]): LoadResult[] {
  return results.filter(
    ({ lost, missing, rightAddress }) => Object.keys(lost).length > 0 || missing > 0 || !rightAddress,
  );
}
