import type { V1Deployment, V1EndpointSlice, V1Pod, V1Service, V1StatefulSet } from "@kubernetes/client-node";
import { portOf, rows, selectorOf, type Demo, type Row } from "../../components/demo/table.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { kubectl } from "../cluster/kubectl.ts";
import { servicePorts } from "../cluster/node/service-endpoints.ts";
import { eventually } from "../cluster/pods.ts";

/** The pod that stands for a service of a demo. */
export interface ServicePod {
  readonly service: string;
  readonly pod: string;
  readonly node: string;
  readonly podIp: string;
  /** The ClusterIP of its Service, where it has one. */
  readonly serviceIp?: string | undefined;
}

/** An object of a demo's namespace, as the API server has it. */
export type DemoObject = V1Deployment | V1StatefulSet | V1Pod | V1Service | V1EndpointSlice;

/** Seconds that pods get to run and Services to find them, after a demo was applied. */
const startSeconds = 60;

/**
 * The pods of a demo, one of each service; waits until all are rolled out, and their Services lead to them.
 *
 * @throws Error, a sentence that says what was not there.
 */
export async function findServicePods(
  cluster: Cluster,
  demo: Demo,
  signal: AbortSignal | undefined,
): Promise<ServicePod[]> {
  const absent = rows(demo).filter(({ service }) => service.replicas === 0);
  const reasons = absent.map(({ name }) => `${name} has 0 replicas`);
  if (absent.length > 0) throw new Error(impossible(demo, reasons));
  let missing: string[] = [];
  return eventually(
    `The start of ${demo.title}`,
    async () => {
      signal?.throwIfAborted();
      const servicePods = servicePodsOf(demo, await demoObjects(cluster, demo));
      missing = servicePods.missing;
      return missing.length === 0 ? servicePods.pods : undefined;
    },
    { seconds: startSeconds, describe: () => impossible(demo, missing) },
  );
}

/** Which pods stand for the services of a demo, and phrases that say for which there is none. */
export function servicePodsOf(
  demo: Demo,
  items: readonly DemoObject[],
): { readonly pods: ServicePod[]; readonly missing: string[] } {
  const found = rows(demo).map((row) => servicePodOf(row, items));
  return {
    pods: found.filter((one) => typeof one !== "string"),
    missing: found.filter((one) => typeof one === "string"),
  };
}

function servicePodOf({ demo, name, service }: Row, items: readonly DemoObject[]): ServicePod | string {
  // Until then a pod may still be the one that is going to be replaced.
  if (!items.filter(isWorkload).some((workload) => workload.metadata?.name === name && isRolledOut(workload)))
    return `${name} is not rolled out`;
  const pods = items.filter(isPod).filter((pod) => runs(pod, selectorOf(demo, name)));
  const [pod] = pods;
  if (pod === undefined) return `${name} has no running pod`;
  const servicePod = {
    service: name,
    pod: pod.metadata?.name ?? "",
    node: pod.spec?.nodeName ?? "",
    podIp: pod.status?.podIP ?? "",
  };
  const port = portOf(service);
  if (port === undefined) return servicePod;
  // One of them would be replayed, but a Service leads to all.
  if (pods.length > 1) return `${name} has ${pods.length} running pods instead of 1`;
  const served = servicePorts(items.filter(isService), items.filter(isEndpointSlice)).find(
    ({ id }) => id === `${demo.namespace}/${name}:${port.number}`,
  );
  const endpoints = served?.endpoints.map(({ address }) => address) ?? [];
  if (served === undefined || endpoints.join() !== servicePod.podIp)
    return `port ${port.number} of the Service ${name} leads to ${endpoints.join(", ") || "nobody"} instead of ${servicePod.pod} (${servicePod.podIp})`;
  return { ...servicePod, serviceIp: served.address };
}

function runs({ metadata, status }: V1Pod, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(labels).every(([key, value]) => metadata?.labels?.[key] === value) &&
    metadata?.deletionTimestamp === undefined &&
    status?.phase === "Running" &&
    status.podIP !== undefined
  );
}

function isRolledOut({ metadata, spec, status }: V1Deployment | V1StatefulSet): boolean {
  const pods = [status?.replicas, status?.updatedReplicas];
  return (
    status?.observedGeneration === metadata?.generation && pods.every((count) => count === spec?.replicas)
  );
}

const isWorkload = (item: DemoObject): item is V1Deployment | V1StatefulSet =>
  item.kind === "Deployment" || item.kind === "StatefulSet";
const isPod = (item: DemoObject): item is V1Pod => item.kind === "Pod";
const isService = (item: DemoObject): item is V1Service => item.kind === "Service";
const isEndpointSlice = (item: DemoObject): item is V1EndpointSlice => item.kind === "EndpointSlice";

function impossible({ title, namespace }: Demo, missing: readonly string[]): string {
  return `${title} in ${namespace} cannot be replayed, which needs one pod of each service: ${missing.join("; ")}.`;
}

async function demoObjects(cluster: Cluster, { namespace }: Demo): Promise<DemoObject[]> {
  const args = [
    "get",
    "deployments,statefulsets,pods,services,endpointslices",
    "-n",
    namespace,
    "-o",
    "json",
  ];
  const { items } = JSON.parse(await kubectl(cluster, args)) as { items: DemoObject[] };
  return items;
}
