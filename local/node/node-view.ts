import type { KubeConfig, V1EndpointSlice, V1Node, V1Pod, V1Service } from "@kubernetes/client-node";
import { CoreV1Api, DiscoveryV1Api } from "@kubernetes/client-node";
import { watchAll } from "./watched.ts";
import type { Watched } from "./watched.ts";

/** What kubelets and kube-proxies see of the cluster. */
export interface NodeView {
  api: CoreV1Api;
  nodes: Watched<V1Node>;
  pods: Watched<V1Pod>;
  services: Watched<V1Service>;
  endpointSlices: Watched<V1EndpointSlice>;
  stop: () => Promise<void>;
}

/** Reads and watches the objects that nodes work from. */
export async function watchNodeView(kubeConfig: KubeConfig, log: (line: string) => void): Promise<NodeView> {
  const api = kubeConfig.makeApiClient(CoreV1Api);
  const discovery = kubeConfig.makeApiClient(DiscoveryV1Api);
  const [nodes, pods, services, endpointSlices] = await Promise.all([
    watchAll(kubeConfig, "/api/v1/nodes", () => api.listNode(), log),
    watchAll(kubeConfig, "/api/v1/pods", () => api.listPodForAllNamespaces(), log),
    watchAll(kubeConfig, "/api/v1/services", () => api.listServiceForAllNamespaces(), log),
    watchAll(
      kubeConfig,
      "/apis/discovery.k8s.io/v1/endpointslices",
      () => discovery.listEndpointSliceForAllNamespaces(),
      log,
    ),
  ]);
  return {
    api,
    nodes,
    pods,
    services,
    endpointSlices,
    stop: async () => {
      await Promise.all([nodes, pods, services, endpointSlices].map((watched) => watched.stop()));
    },
  };
}

/** The address that a node is reached at, by the name of the node. */
export function nodeAddress(node: V1Node | undefined): string | undefined {
  return node?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
}

/** The node that an address belongs to: its own address, or that of a pod on it. */
export function nodeOfAddress(
  address: string,
  pods: readonly V1Pod[],
  nodes: readonly V1Node[],
): string | undefined {
  const node = nodes.find((candidate) => nodeAddress(candidate) === address);
  return node?.metadata?.name ?? pods.find((pod) => pod.status?.podIP === address)?.spec?.nodeName;
}
