import type { Cluster } from "./cluster/cluster.ts";
import type { PodStatus } from "./cluster/node/pod-status.ts";
import { eventually, leadsTo, podsIn } from "./cluster/pods.ts";

/**
 * Waits until every Collector of a namespace answers on its own health endpoint, `count` of them, and their
 * Service leads to them; of one `version` where that is given. Those that are being terminated do not count.
 */
export async function collectorsReady(
  cluster: Cluster,
  namespace: string,
  count: number,
  version = "",
): Promise<PodStatus[]> {
  let seen: PodStatus[] = [];
  return eventually(
    `${count} healthy Collectors in ${namespace}`,
    async () => {
      seen = (await podsIn(cluster, namespace)).filter(
        ({ containers, phase }) =>
          phase !== "Terminating" && containers.some(({ program }) => program === "otelcol"),
      );
      const healthy = seen.filter(({ containers }) =>
        containers.every(({ healthy, image }) => healthy && image.includes(version)),
      );
      if (seen.length !== count || healthy.length !== count) return undefined;
      const addresses = seen.map(({ podIP }) => podIP);
      return (await leadsTo(cluster, { namespace, name: "otel-agent" }, addresses)) ? seen : undefined;
    },
    {
      describe: () =>
        seen
          .flatMap(({ name, containers }) =>
            containers.map(
              ({ restarts, healthy, log }) =>
                `${name}: ${healthy ? "healthy" : "not healthy"}, ${restarts} restarts, log ${log}`,
            ),
          )
          .join("; "),
    },
  );
}
