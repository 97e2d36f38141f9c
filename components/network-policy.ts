import type * as k8s from "@pulumi/kubernetes";

type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/** A TCP port in a NetworkPolicy's rule: that of the pods, not of a Service before them. */
export function tcp(port: number): Port {
  return { port, protocol: "TCP" };
}

/** The egress rule that lets a pod ask for names, wherever the cluster's DNS is. */
export function dnsEgress(): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  return { ports: [{ port: 53, protocol: "UDP" }, tcp(53)] };
}
