import { BlockList, isIPv6 } from "node:net";
import type { V1IPBlock, V1NetworkPolicyPeer, V1NetworkPolicyPort } from "@kubernetes/client-node";
import { selects } from "./label-selector.ts";
import type { Labels } from "./label-selector.ts";

/** One end of a connection, as NetworkPolicies see it. */
export interface Peer {
  address: string;
  /**
   * Absent for a node, for a pod on its node's network, which counts as its node, and for whatever is
   * outside.
   */
  pod?: PolicyPod;
}

export interface PolicyPod {
  namespace: string;
  /** For sentences; no policy looks at it. */
  name?: string;
  labels: Labels;
  /** The ports that its containers declare. */
  ports?: readonly { name?: string; containerPort: number; protocol?: string }[];
  /** Address of the node that it runs on. */
  nodeAddress?: string | undefined;
}

/** A connection to a port of `to` itself, not to one of a Service. */
export interface Connection {
  from: Peer;
  to: Peer;
  port: number;
  protocol: "TCP" | "UDP";
}

/** A rule of either direction: the peers are those of its `from` or of its `to`. */
export interface Rule {
  peers?: readonly V1NetworkPolicyPeer[] | undefined;
  ports?: readonly V1NetworkPolicyPort[] | undefined;
}

/** What the peers of a rule are looked up in. */
export interface RuleContext {
  /** The policy's own namespace. */
  namespace: string;
  namespaceLabels: (namespace: string) => Labels;
}

/** Whether a rule allows a connection whose other end is `peer`. No peers, as no ports, means any. */
export function allows(
  { peers = [], ports = [] }: Rule,
  peer: Peer,
  connection: Connection,
  context: RuleContext,
): boolean {
  return (
    (peers.length === 0 || peers.some((candidate) => isPeer(candidate, peer, context))) &&
    (ports.length === 0 || ports.some((candidate) => isPort(candidate, connection)))
  );
}

function isPeer(
  { ipBlock, namespaceSelector, podSelector }: V1NetworkPolicyPeer,
  { address, pod }: Peer,
  { namespace, namespaceLabels }: RuleContext,
): boolean {
  if (ipBlock) return isInBlock(ipBlock, address);
  if (pod === undefined || (!namespaceSelector && !podSelector)) return false;
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, namespaceLabels(pod.namespace))
    : pod.namespace === namespace;
  return inNamespace && selects(podSelector, pod.labels);
}

function isInBlock({ cidr, except = [] }: V1IPBlock, address: string): boolean {
  return isInCidr(cidr, address) && !except.some((exception) => isInCidr(exception, address));
}

function isInCidr(cidr: string, address: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  // A BlockList takes IPv4 addresses for IPv6 ones, and `::/0` for all of them.
  if (family(network) !== family(address)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family(network));
  return block.check(address, family(address));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** A name is that of a port which the connection's target declares, in either direction. */
function isPort(
  { protocol: wanted = "TCP", port: first, endPort }: V1NetworkPolicyPort,
  { to, port, protocol }: Connection,
): boolean {
  if (wanted !== protocol) return false;
  if (first === undefined) return true;
  if (typeof first === "number") return first <= port && port <= (endPort ?? first);
  return (to.pod?.ports ?? []).some(
    ({ name, containerPort, protocol: declared = "TCP" }) =>
      name === first && containerPort === port && declared === protocol,
  );
}
