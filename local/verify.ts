/** What `npm run verify` does, against the embedded cluster: the last step of `npm start`. */
import { join } from "node:path";
import { objectsOf } from "../render/objects.ts";
import type { Stack } from "../stack.ts";
import { kubectlCluster } from "../verify/kubernetes/kubectl.ts";
import { writePage } from "../verify/run.ts";
import { verify, type Verification } from "../verify/verify.ts";
import { embeddedAgentGroup } from "./agent-group.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { deepFlowUrls } from "./embedded-cluster.ts";

/** How a deployed stack is verified on an embedded cluster. */
export interface EmbeddedVerification {
  /** Name of the stack. */
  readonly name: string;
  readonly stack: Stack;
  /** Seconds before now whose spans are looked at. */
  readonly windowSeconds: number;
  readonly signal: AbortSignal;
  readonly report?: (text: string) => void;
  /** Where the page is written to; `.local/verify-<name>.html` unless told otherwise. */
  readonly page?: string;
}

/** What has to be known of a verification here. */
export const embeddedNote =
  "On the embedded cluster no agent observes anything: its eBPF and network spans are made up from the OpenTelemetry spans of each call.";

/** Asks the embedded cluster and what stands for DeepFlow there, and writes the page of it. */
export async function verifyEmbedded(
  cluster: Cluster,
  { name, stack, windowSeconds, signal, report = () => undefined, page }: EmbeddedVerification,
): Promise<Verification & { readonly page: string }> {
  const urls = deepFlowUrls(cluster);
  // The stack's file names a controller that is not this cluster's.
  const configured: Stack = {
    ...stack,
    ...(stack.base === undefined && { agentGroup: embeddedAgentGroup(cluster) }),
  };
  const found = await verify({
    name,
    stack: configured,
    objects: await objectsOf(stack, name),
    kubernetes: kubectlCluster({ program: cluster.kubectlProgram, kubeconfig: cluster.kubeconfig, signal }),
    reach: (part) => Promise.resolve(urls[part]),
    windowSeconds,
    deadline: Date.now() + 30_000,
    intervalMs: 500,
    show: (title, work) => {
      report(title);
      return work(report);
    },
    signal,
  });
  const file = page ?? join(import.meta.dirname, "..", ".local", `verify-${name}.html`);
  writePage(file, found, { stack: name, generatedAt: new Date(), note: embeddedNote });
  return { ...found, page: file };
}
