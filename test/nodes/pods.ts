import type { V1PodList } from "@kubernetes/client-node";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { NodeCluster } from "../../local/nodes/cluster.ts";

/** A pod of one container, as its kubelet reports it. */
export interface RealPod {
  readonly name: string;
  readonly node: string;
  readonly podIP: string;
  /** The container's id, as containerd has it. */
  readonly container: string;
  readonly ready: boolean;
  /** Whether it has been told to end. */
  readonly terminating: boolean;
  readonly restarts: number;
  /** Why the container's last process ended, such as `OOMKilled`. */
  readonly lastEnd: string | undefined;
}

/** The pods of a namespace. */
export async function podsOf(cluster: NodeCluster, namespace: string): Promise<RealPod[]> {
  const list = JSON.parse(
    await kubectl(cluster, ["get", "pods", "-n", namespace, "-o", "json"]),
  ) as V1PodList;
  return list.items.map(({ metadata, spec, status }) => {
    const container = status?.containerStatuses?.[0];
    return {
      name: metadata?.name ?? "",
      node: spec?.nodeName ?? "",
      podIP: status?.podIP ?? "",
      container: container?.containerID?.replace("containerd://", "") ?? "",
      ready: container?.ready ?? false,
      terminating: metadata?.deletionTimestamp !== undefined,
      restarts: container?.restartCount ?? 0,
      lastEnd: container?.lastState?.terminated?.reason,
    };
  });
}
