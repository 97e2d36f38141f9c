import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";

/** What a Service was and led to, while something happened. */
export interface Observed {
  /** More than one if the Service was replaced. */
  readonly uids: ReadonlySet<string>;
  /** The fewest ready endpoints that it had at any look. */
  readonly fewest: number;
  readonly looks: number;
}

/** Looks at the Service `otel-agent` again and again until the work is done. */
export async function observeService(cluster: Cluster, work: Promise<unknown>): Promise<Observed> {
  const uids = new Set<string>();
  let [fewest, looks, done] = [Infinity, 0, false];
  const working = work.finally(() => {
    done = true;
  });
  while (!done) {
    const inNamespace = ["-n", "open-telemetry", "-o"];
    uids.add(
      await kubectl(cluster, ["get", "service", "otel-agent", ...inNamespace, "jsonpath={.metadata.uid}"]),
    );
    const selector = "kubernetes.io/service-name=otel-agent";
    const list = await kubectl(cluster, ["get", "endpointslices", "-l", selector, ...inNamespace, "json"]);
    const { items } = JSON.parse(list) as { items: { endpoints?: { conditions: { ready?: boolean } }[] }[] };
    const ready = items
      .flatMap(({ endpoints = [] }) => endpoints)
      .filter(({ conditions }) => conditions.ready);
    fewest = Math.min(fewest, ready.length);
    looks += 1;
  }
  await working;
  return { uids, fewest, looks };
}
