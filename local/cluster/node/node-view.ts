import type {
  KubeConfig,
  V1EndpointSlice,
  V1Namespace,
  V1Node,
  V1Pod,
  V1Service,
} from "@kubernetes/client-node";
import { CoreV1Api, DiscoveryV1Api, NetworkingV1Api } from "@kubernetes/client-node";
import { listedPolicy } from "./network-policy.ts";
import type { NetworkPolicy } from "./network-policy.ts";
import { startInformer } from "./shared-informer.ts";
import type { SharedInformer } from "./shared-informer.ts";

/** What kubelets, kube-proxies and network plugins see of the cluster. */
export interface NodeView {
  api: CoreV1Api;
  namespaces: SharedInformer<V1Namespace>;
  nodes: SharedInformer<V1Node>;
  pods: SharedInformer<V1Pod>;
  services: SharedInformer<V1Service>;
  endpointSlices: SharedInformer<V1EndpointSlice>;
  networkPolicies: SharedInformer<NetworkPolicy>;
  stop: () => Promise<void>;
}

/** Reads and watches the objects that nodes work from. */
export async function watchNodeView(kubeConfig: KubeConfig, log: (line: string) => void): Promise<NodeView> {
  const api = kubeConfig.makeApiClient(CoreV1Api);
  const discovery = kubeConfig.makeApiClient(DiscoveryV1Api);
  const networking = kubeConfig.makeApiClient(NetworkingV1Api);
  const informers = await Promise.all([
    startInformer(kubeConfig, "/api/v1/namespaces", () => api.listNamespace(), log),
    startInformer(kubeConfig, "/api/v1/nodes", () => api.listNode(), log),
    startInformer(kubeConfig, "/api/v1/pods", () => api.listPodForAllNamespaces(), log),
    startInformer(kubeConfig, "/api/v1/services", () => api.listServiceForAllNamespaces(), log),
    startInformer(
      kubeConfig,
      "/apis/discovery.k8s.io/v1/endpointslices",
      () => discovery.listEndpointSliceForAllNamespaces(),
      log,
    ),
    startInformer(
      kubeConfig,
      "/apis/networking.k8s.io/v1/networkpolicies",
      async () => {
        const { items, ...list } = await networking.listNetworkPolicyForAllNamespaces();
        return { ...list, items: items.map(listedPolicy) };
      },
      log,
    ),
  ]);
  const [namespaces, nodes, pods, services, endpointSlices, networkPolicies] = informers;
  return {
    api,
    namespaces,
    nodes,
    pods,
    services,
    endpointSlices,
    networkPolicies,
    stop: async () => {
      await Promise.all(informers.map(({ stop }) => stop()));
    },
  };
}

/** A pod as control routes name it. */
export interface PodName {
  namespace: string;
  pod: string;
}

/** @throws Error, a sentence, when there is no such pod, or it has no address yet. */
export function podNamed(view: Pick<NodeView, "pods">, { namespace, pod: name }: PodName): V1Pod {
  const pod = view.pods.get(name, namespace);
  if (pod?.status?.podIP === undefined) {
    const state = pod === undefined ? "does not exist" : "has no address yet";
    throw new Error(`Pod ${namespace}/${name} ${state}; GET /pods lists those that can be used.`);
  }
  return pod;
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
