import { describe } from "vitest";
import { defaultVersion } from "../../components/otel-agent/collector-version.ts";
import { applyRendered } from "../../local/apply.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { programOf } from "../../local/cluster/node/image-programs.ts";
import { eventually } from "../../local/cluster/pods.ts";
import { toolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { collectorImages } from "../../local/collector-image.ts";
import { startNodeCluster, type NodeCluster } from "../../local/nodes/cluster.ts";
import type { ProgramImage } from "../../local/nodes/image.ts";
import { pauseImage } from "../../local/nodes/node-config.ts";
import { missingNodeRequirement } from "../../local/nodes/requirements.ts";
import type { RenderedFiles } from "../../render/files.ts";
import { renderSettings } from "../../render/stack.ts";
import { podsReady, startWorkload, type Topology } from "../cluster/stack.ts";
import { startDeepFlow, type DeepFlow } from "./deepflow.ts";
import { podsOf, type RealPod } from "./pods.ts";

const missing = missingNodeRequirement();

/**
 * A `describe` whose tests use real nodes. Where the machine cannot have any they are skipped.
 *
 * @param lacks one sentence that says what else the tests need and is not here.
 */
export function describeNodes(name: string, define: () => void, lacks?: string): void {
  const reason = missing ?? lacks;
  if (reason === undefined) describe(name, define);
  else describe.skip(`${name} (skipped: ${reason})`, define);
}

/** Where the rendered Collectors are. */
export const namespace = "open-telemetry";

/** Real nodes with what stands for DeepFlow, and pods to send from. */
export interface Bench {
  readonly cluster: NodeCluster;
  readonly deepFlow: DeepFlow;
  readonly senders: readonly RealPod[];
}

/** Starts real nodes that can run the rendered Collectors. */
export async function startBench(nodes: number): Promise<Bench> {
  const cluster = await startNodeCluster({
    nodes,
    images: [await collectorImage()],
    collectorVersions: [defaultVersion],
  });
  try {
    const deepFlow = await startDeepFlow(cluster);
    await kubectl(cluster, ["apply", "--server-side", "-f", "-"], { input: JSON.stringify(senderPods) });
    await kubectl(cluster, ["rollout", "status", "-n", "senders", "deployment/sender", "--timeout=60s"]);
    return { cluster, deepFlow, senders: await podsOf(cluster, "senders") };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** The image that the rendered pods name, with the Collector that is built here. */
async function collectorImage(): Promise<ProgramImage> {
  const rendered = [...(await render({})).values()].join("\n");
  const reference = /image: (\S*opentelemetry-collector\S*)/.exec(rendered)?.[1] ?? "";
  const program = programOf(collectorImages(toolchain().otelcols), reference);
  if (program === undefined || !("executable" in program))
    throw new Error(`Nothing here runs for the image ${reference}: see local/collector-image.ts.`);
  return { reference, ...program.executable(reference) };
}

function render(otelAgent: object, topology: Topology = "agent") {
  const settings = {
    "deepflow-otel:topology": topology,
    "deepflow-otel:otelAgent": JSON.stringify(otelAgent),
  };
  return renderSettings(settings, "nodes");
}

let revision = 0;

/**
 * Applies a rendering that differs from all before, so that its pods are new, and waits for them.
 *
 * @param change what is applied instead of the rendering.
 */
export async function rollOut(
  { cluster }: Bench,
  otelAgent: object = {},
  topology: Topology = "agent",
  change = (files: RenderedFiles) => files,
): Promise<void> {
  revision += 1;
  const resourceAttributes = { revision: String(revision) };
  const files = await render({ ...otelAgent, resourceAttributes }, topology);
  await applyRendered(cluster, "nodes", change(files));
  await podsReady(cluster, topology, 120);
  await settled({ cluster });
}

/** Changes the topology as the engine does: the new workload first, and what is no longer wanted last. */
export async function changeTopology({ cluster }: Bench, topology: Topology): Promise<void> {
  const files = await render({}, topology);
  await startWorkload(cluster, topology, files);
  await applyRendered(cluster, "nodes", files);
  await settled({ cluster });
}

/** Waits until every Collector is ready, `count` of them if given, and those that were to end have ended. */
export async function settled({ cluster }: Pick<Bench, "cluster">, count?: number): Promise<RealPod[]> {
  let seen: RealPod[] = [];
  return eventually(
    "The settling of the Collectors",
    async () => {
      seen = await podsOf(cluster, namespace);
      const all = seen.length > 0 && seen.every(({ ready, terminating }) => ready && !terminating);
      return all && (count === undefined || seen.length === count) ? seen : undefined;
    },
    { seconds: 120, describe: () => JSON.stringify(seen) },
  );
}

/** Deletes every Collector, and waits until there is another. */
export async function deleteCollectors(bench: Pick<Bench, "cluster">): Promise<void> {
  await kubectl(bench.cluster, ["delete", "pods", "-n", namespace, "--all"]);
  await settled(bench, 1);
}

/** The address of the rendered Service. */
export function serviceAddress({ cluster }: Bench): Promise<string> {
  const address = ["get", "service", "-n", namespace, "otel-agent", "-o", "jsonpath={.spec.clusterIP}"];
  return kubectl(cluster, address);
}

/** Pods that do nothing: a test runs programs in their network. */
const senderPods = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "senders", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace: "senders", name: "sender" },
      spec: {
        replicas: 6,
        selector: { matchLabels: { app: "sender" } },
        template: {
          metadata: { labels: { app: "sender" } },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "sender",
                image: pauseImage,
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              },
            ],
          },
        },
      },
    },
  ],
};
