import type { V1Pod } from "@kubernetes/client-node";
import type { Labels } from "./label-selector.ts";
import { refusal } from "./network-policy.ts";
import { nodeAddress, podNamed } from "./node-view.ts";
import type { NodeView, PodName } from "./node-view.ts";
import { containersOf } from "./pod-objects.ts";
import type { Peer } from "./policy-rule.ts";

/** Whether one pod may connect to another, at a port of the pod itself (`POST /allowed`). */
export interface AllowedRequest {
  from: PodName;
  to: PodName;
  /** A TCP port: the target port of a Service, not the Service's own. */
  port: number;
}

export interface AllowedAnswer {
  allowed: boolean;
  /** Which policies refuse it, in sentences. */
  reason?: string;
}

/** What pods are, and what policies there are. */
export type PolicyView = Pick<NodeView, "namespaces" | "networkPolicies" | "nodes" | "pods">;

/** What the cluster's NetworkPolicies say at this moment. */
export interface PolicyDecisions {
  /** Why a TCP connection between two addresses is refused; undefined if it is allowed. */
  refusal: (from: string, to: { address: string; port: number }) => string | undefined;
  /**
   * The same for pods by name.
   *
   * @throws Error, a sentence, when there is no such pod, or it has no address yet.
   */
  allowed: (request: AllowedRequest) => AllowedAnswer;
}

/** @param ending Pods that may be gone from the API server while something of them still runs. */
export function policyDecisions(view: PolicyView, ending: () => readonly V1Pod[]): PolicyDecisions {
  const namespaceLabels = (name: string): Labels => view.namespaces.get(name)?.metadata?.labels ?? {};
  const peerOf = (address: string, pod: V1Pod | undefined): Peer =>
    peer(address, pod, nodeAddress(view.nodes.get(pod?.spec?.nodeName ?? "")));
  const peerAt = (address: string): Peer =>
    peerOf(address, podAt(address, [...view.pods.list(), ...ending()]));
  const peerNamed = (name: PodName): Peer => {
    const pod = podNamed(view, name);
    return peerOf(pod.status?.podIP ?? "", pod);
  };
  const decide = (from: Peer, to: Peer, port: number): string | undefined =>
    refusal({ policies: view.networkPolicies.list(), namespaceLabels }, { from, to, port, protocol: "TCP" });

  return {
    refusal: (from, { address, port }) => decide(peerAt(from), peerAt(address), port),
    allowed: ({ from, to, port }) => {
      if (!Number.isInteger(port)) {
        throw new Error(`${JSON.stringify(port)} is no port; give the number of one of the pod's own ports.`);
      }
      const reason = decide(peerNamed(from), peerNamed(to), port);
      return reason === undefined ? { allowed: true } : { allowed: false, reason };
    },
  };
}

/** The pod that an address belongs to. A pod that has ended no longer has the one that it still names. */
export function podAt(address: string, pods: readonly V1Pod[]): V1Pod | undefined {
  return pods.find(
    ({ status }) => status?.podIP === address && status.phase !== "Succeeded" && status.phase !== "Failed",
  );
}

/** An address, and what NetworkPolicies know of its pod. A pod on its node's network counts as the node. */
export function peer(address: string, pod: V1Pod | undefined, nodeAddress: string | undefined): Peer {
  if (pod === undefined || pod.spec?.hostNetwork === true) return { address };
  return {
    address,
    pod: {
      namespace: pod.metadata?.namespace ?? "",
      name: pod.metadata?.name ?? "",
      labels: pod.metadata?.labels ?? {},
      ports: containersOf(pod).flatMap(({ ports }) => ports ?? []),
      nodeAddress,
    },
  };
}
