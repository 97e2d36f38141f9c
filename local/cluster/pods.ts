import type { Cluster } from "./cluster.ts";
import type { PodStatus } from "./node/pod-status.ts";
import type { ServicesInForce } from "./node/service-endpoints.ts";

/** The pods of a namespace, as the simulated nodes run them. */
export async function podsIn(cluster: Cluster, namespace: string): Promise<PodStatus[]> {
  const pods = (await cluster.control("GET", "/pods")) as PodStatus[];
  return pods.filter((pod) => pod.namespace === namespace);
}

/**
 * Asks again and again until the answer is there. For what happens elsewhere and sends no event: a
 * Collector's health endpoint, spans on their way.
 *
 * @throws Error, a sentence that ends with `describe()`, after `seconds`.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { seconds = 30, describe = () => "" }: { seconds?: number; describe?: () => string } = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline)
      throw new Error(`${what} did not happen within ${seconds} s. ${describe()}`.trim());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Whether new connections to a Service go to these addresses and no others. */
export async function leadsTo(
  cluster: Cluster,
  service: { namespace: string; name: string },
  addresses: readonly string[],
): Promise<boolean> {
  const { ports, pending } = (await cluster.control("GET", "/services")) as ServicesInForce;
  const own = ports.filter(({ id }) => id.startsWith(`${service.namespace}/${service.name}:`));
  const wanted = [...addresses].sort().join();
  return (
    // A pod may have the address of one that is gone.
    !pending &&
    own.length > 0 &&
    own.every(({ endpoints }) => {
      const ready = endpoints.filter((endpoint) => endpoint.ready).map(({ address }) => address);
      return ready.sort().join() === wanted;
    })
  );
}
