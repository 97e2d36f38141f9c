import { join } from "node:path";
import { dump, load } from "js-yaml";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { applyManifests, kubectl } from "../../local/cluster/kubectl.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { header, type RenderedFiles } from "../../render/files.ts";
import { renderSettings } from "../../render/stack.ts";
import { startTestCluster } from "./harness.ts";

const local = join(import.meta.dirname, "..", "..", "local");

/** Nodes of a test's cluster. */
export const nodes = 2;

/** A cluster with what stands for DeepFlow, and with pods that send. */
export async function startWithDeepFlow(purpose: string): Promise<Cluster> {
  const cluster = await startTestCluster(purpose, { nodes });
  await applyManifests(cluster, join(local, "deepflow", "manifests.yaml"));
  await applyManifests(cluster, join(local, "sample", "manifests.yaml"));
  for (const daemonSet of ["deepflow/deepflow-agent", "sample-app/sample-grpc", "sample-app/sample-http"]) {
    const [namespace = "", name = ""] = daemonSet.split("/");
    await kubectl(cluster, ["rollout", "status", "-n", namespace, `daemonset/${name}`, "--timeout=60s"]);
  }
  return cluster;
}

/**
 * For Collectors whose end is nobody's concern: with the default of ten seconds tests spend most of their
 * time in rollouts.
 */
export const endsSoon = { preStopSleepSeconds: 1 };

/** Renders a stack with these settings of the Collector. */
export function renderOtelAgent(otelAgent: object = {}): Promise<RenderedFiles> {
  const settings = { ...endsSoon, ...otelAgent };
  return renderSettings({ "deepflow-otel:otelAgent": JSON.stringify(settings) }, "test");
}

/** Renders and applies a stack, and waits until its Collectors are healthy. */
export async function upOtelAgent(
  cluster: Cluster,
  otelAgent: { namespace?: string; preStopSleepSeconds?: number } = {},
): Promise<void> {
  await applyRendered(cluster, "test", await renderOtelAgent(otelAgent));
  await collectorsReady(cluster, otelAgent.namespace ?? "open-telemetry", nodes);
}

interface Workload {
  spec: { template: { spec: { containers: Record<string, unknown>[] } } };
}

/** A rendering with the Collector's container changed by `edit`. */
export function withContainer(
  files: RenderedFiles,
  edit: (container: Record<string, unknown>) => Record<string, unknown>,
): RenderedFiles {
  return new Map(
    [...files].map(([path, content]) => {
      if (!/\/(daemonset|deployment)-otel-agent\.yaml$/.test(path)) return [path, content];
      const workload = load(content) as Workload;
      const { spec } = workload.spec.template;
      spec.containers = spec.containers.map(edit);
      return [path, `${header}\n${dump(workload)}`];
    }),
  );
}

/**
 * A rendering with the Collector's configuration changed by `edit`, in a ConfigMap of another name, which
 * rolls the pods.
 */
export function withConfig(files: RenderedFiles, edit: (config: never) => void): RenderedFiles {
  return new Map(
    [...files].map(([path, content]) => {
      const renamed = content.replaceAll(/(otel-agent-conf-[0-9a-f]+)/g, `$1${editedSuffix}`);
      if (!path.includes("/configmap-otel-agent-conf-")) return [path, renamed];
      const configMap = load(renamed) as { data: { "otel-agent-config": string } };
      const config = load(configMap.data["otel-agent-config"]) as never;
      edit(config);
      return [path, `${header}\n${dump({ ...configMap, data: { "otel-agent-config": dump(config) } })}`];
    }),
  );
}

/** What `withConfig` adds to the ConfigMap's name. */
export const editedSuffix = "-edited";

/** Kinds and names of the Collector's workload, by topology. */
const workloads = { agent: "daemonset/otel-agent", gateway: "deployment/otel-agent" };

export type Topology = keyof typeof workloads;

/** Waits until the pods of a topology's workload are ready, and their Service leads to them. */
export async function rolledOut(cluster: Cluster, topology: Topology): Promise<void> {
  await podsReady(cluster, topology);
  await collectorsReady(cluster, "open-telemetry", nodes);
}

/**
 * Applies a rendering of another topology as the engine does, and docs/topologies.md says: the new workload
 * first, then the Service, and what is no longer wanted last.
 */
export async function changeTopology(
  cluster: Cluster,
  topology: Topology,
  files: RenderedFiles,
): Promise<void> {
  await startWorkload(cluster, topology, files);
  await applyRendered(cluster, "test", files);
  await rolledOut(cluster, topology);
}

/** Applies a topology's workload with what its pods mount, and waits until they are ready. */
export async function startWorkload(
  cluster: Pick<Cluster, "kubectl">,
  topology: Topology,
  files: RenderedFiles,
): Promise<void> {
  const objects = [...files].filter(([path]) => /\/(configmap|daemonset|deployment)-/.test(path));
  const input = objects.map(([, content]) => content).join("---\n");
  await kubectl(cluster, ["apply", "--server-side", "--force-conflicts", "-f", "-"], { input });
  await podsReady(cluster, topology);
}

/** Waits until the pods of a topology's workload are ready. */
export async function podsReady(
  cluster: Pick<Cluster, "kubectl">,
  topology: Topology,
  timeoutSeconds = 90,
): Promise<void> {
  const workload = workloads[topology];
  const timeout = `--timeout=${timeoutSeconds}s`;
  await kubectl(cluster, ["rollout", "status", "-n", "open-telemetry", workload, timeout]);
}
