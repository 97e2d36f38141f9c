import { join } from "node:path";
import type { Cluster } from "./cluster/cluster.ts";
import type { PodStatus } from "./cluster/node/pod-status.ts";
import { eventually, podsIn } from "./cluster/pods.ts";
import { appHostIps } from "./deepflow/received.ts";
import type { ReceivedSpan, ReceivedSpans } from "./deepflow/received.ts";

/** What became of the spans that one pod sent. */
export interface TraceDelivery {
  readonly pod: string;
  readonly podIp: string;
  readonly node: string;
  readonly protocol: string;
  readonly sent: number;
  readonly received: readonly ReceivedSpan[];
  /** What the exporter said went wrong. */
  readonly error?: string | undefined;
}

/** Every span arrived, once, with the address of the pod that sent it. */
export function isRight(delivery: Pick<TraceDelivery, "sent" | "received" | "podIp">): boolean {
  const spanIds = new Set(delivery.received.map(({ spanId }) => spanId));
  return (
    spanIds.size === delivery.sent &&
    delivery.received.length === delivery.sent &&
    appHostIps(delivery.received).every((ip) => ip === delivery.podIp)
  );
}

/** Sends one trace from a pod, with the real SDK and the pod's own environment, and returns what it was. */
export async function sendFrom(
  cluster: Cluster,
  { namespace, name }: Pick<PodStatus, "namespace" | "name">,
  spans: number,
  env: Record<string, string> = {},
): Promise<{ traceId: string; exported: boolean; error?: string }> {
  const program = join(import.meta.dirname, "sample", "traffic.ts");
  const result = (await cluster.control("POST", "/run", {
    namespace,
    pod: name,
    program,
    env,
    input: { spans },
  })) as {
    exitCode: number;
    stdout: string;
    stderr: string;
  };
  try {
    return JSON.parse(result.stdout) as { traceId: string; exported: boolean; error?: string };
  } catch {
    throw new Error(`The sender in pod ${name} ended with ${result.exitCode}: ${result.stderr.trim()}`);
  }
}

/** The spans of a trace that reached DeepFlow so far. */
export async function receivedOf(cluster: Cluster, traceId: string): Promise<ReceivedSpan[]> {
  return ((await cluster.control("POST", "/received", { traceIds: [traceId] })) as ReceivedSpans).spans;
}

/** Waits for a number of spans of a trace; returns what came, at the latest after `seconds`. */
export async function arrived(
  cluster: Cluster,
  traceId: string,
  spans: number,
  seconds = 15,
): Promise<ReceivedSpan[]> {
  let received: ReceivedSpan[] = [];
  return eventually(
    `The arrival of ${spans} spans`,
    async () => {
      received = await receivedOf(cluster, traceId);
      return received.length >= spans ? received : undefined;
    },
    { seconds },
  ).catch(() => received);
}

/** Sends a trace from every pod of a namespace, and follows each to DeepFlow. */
export async function sendFromEveryPod(
  cluster: Cluster,
  namespace: string,
  { spans = 20, report = () => undefined }: { spans?: number; report?: (text: string) => void } = {},
): Promise<TraceDelivery[]> {
  const result: TraceDelivery[] = [];
  for (const pod of await podsIn(cluster, namespace)) {
    report(`from ${pod.name}`);
    const { traceId, error } = await sendFrom(cluster, pod, spans);
    const received = await arrived(cluster, traceId, spans);
    const protocol = pod.name.includes("http") ? "http/protobuf" : "grpc";
    result.push({ pod: pod.name, podIp: pod.podIP, node: pod.node, protocol, sent: spans, received, error });
  }
  return result.sort((a, b) => (a.node + a.pod < b.node + b.pod ? -1 : 1));
}
