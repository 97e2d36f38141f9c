import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { ProgramResult } from "../../local/cluster/node/pod-program.ts";
import type { PodStatus } from "../../local/cluster/node/pod-status.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { nodes } from "../cluster/stack.ts";

/** What a sender of large requests sent: the trace of its spans, and how it was answered. */
export interface Sent {
  readonly traceId: string;
  readonly accepted: number;
  readonly answers: Readonly<Record<string, number>>;
}

/** Takes DeepFlow's agents away, or lets them come back, and waits until it is so. */
export async function deepFlowIsAway(cluster: Cluster, away: boolean): Promise<void> {
  const nodeSelector = away ? { "no-such": "node" } : null;
  const spec = { template: { spec: { nodeSelector } } };
  await kubectl(cluster, [
    ...["patch", "daemonset", "-n", "deepflow", "deepflow-agent", "--type=merge", "-p"],
    JSON.stringify({ spec }),
  ]);
  await eventually(`DeepFlow's agents, ${away ? "gone" : "back"}`, async () => {
    const agents = (await podsIn(cluster, "deepflow")).filter(({ name }) =>
      name.startsWith("deepflow-agent-"),
    );
    return agents.length === (away ? 0 : nodes) ? true : undefined;
  });
}

/** A pod of node-1 that sends over HTTP. */
export async function httpSender(cluster: Cluster): Promise<PodStatus> {
  const pods = await podsIn(cluster, "sample-app");
  const pod = pods.find(({ name, node }) => name.includes("http") && node === "node-1");
  if (!pod) throw new Error("There is no sample-http pod on node-1.");
  return pod;
}

/** What programs/large-requests.ts sends. */
export interface LargeRequests {
  /** Requests at a time. */
  readonly parallel: number;
  readonly requestMib: number;
  readonly seconds: number;
  /** Whether all are one request, sent again and again, which takes no time to make. */
  readonly same?: boolean;
}

/** Sends requests of a size from that pod, without a pause. */
export async function sendRequests(cluster: Cluster, input: LargeRequests): Promise<Sent> {
  const { namespace, name } = await httpSender(cluster);
  const program = "test/e2e/programs/large-requests.ts";
  const request = { namespace, pod: name, program, input };
  const { stdout, stderr } = (await cluster.control("POST", "/run", request)) as ProgramResult;
  if (stdout === "") throw new Error(`The sender said: ${stderr.trim()}`);
  return JSON.parse(stdout) as Sent;
}
