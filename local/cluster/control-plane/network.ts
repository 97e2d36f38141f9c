/**
 * The addresses of the embedded cluster. It has a network namespace of its own, so they are the same in every
 * cluster and never meet the machine's.
 */

/** Services get their addresses here. */
export const serviceCidr = "10.96.0.0/16";

/** The Service `kubernetes`: the API server itself listens here, so pods reach it without kube-proxy. */
export const apiServerAddress = "10.96.0.1";

/** Pods get their addresses here, a /24 per node. */
export const podCidr = "10.244.0.0/16";

/** More would not fit the third number of a pod's address and the last of a node's. */
export const mostNodes = 254;

const nodeCidr = "10.0.0.0/24";

/** The address of node `number`, counted from 1. */
export function nodeAddress(number: number): string {
  return `10.0.0.${number}`;
}

/** The addresses of the pods on node `number`, counted from 1. */
export function nodePodCidr(number: number): string {
  return `10.244.${number}.0/24`;
}

/**
 * Shell commands that make every one of these addresses local, so that anything in the namespace can bind to
 * it.
 */
export const networkScript = [
  "ip link set lo up",
  ...[podCidr, serviceCidr, nodeCidr].map((cidr) => `ip route add local ${cidr} dev lo`),
].join(" && ");
