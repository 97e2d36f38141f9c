import type * as k8s from "@pulumi/kubernetes";
import { egressTo, type Destination } from "../destination.ts";
import { dnsEgress, tcp } from "../network-policy.ts";
import { openPorts, type OpenPortsArgs } from "./ports.ts";

/** What decides who may talk to the Collector, and to whom it talks. */
export interface NetworkPolicyArgs extends OpenPortsArgs {
  readonly selector: Readonly<Record<string, string>>;
  readonly destination: Destination;
  /** Whether the Collector asks the API server anything. */
  readonly watchesPods: boolean;
  /** Whether senders may be outside the cluster, behind a NodePort or load balancer. */
  readonly fromOutside: boolean;
  /** Whether a stack has exporters of its own, whose addresses nobody here knows. */
  readonly hasCustomExporters: boolean;
}

/**
 * In: pods of any namespace, and whoever comes through a NodePort or load balancer where there is one, on the
 * ports that the Service offers. (A node's own kubelet always reaches its pods.) Out: the destination; DNS;
 * the API server, of which a policy can only name the port, because it is no pod: 443 as the Service
 * `kubernetes` has it, 6443 where a CNI sees the API server behind it; anything, where a stack has exporters
 * of its own.
 */
export function networkPolicySpec(args: NetworkPolicyArgs): k8s.types.input.networking.v1.NetworkPolicySpec {
  const offered = openPorts(args).filter(({ onService }) => onService);
  return {
    podSelector: { matchLabels: { ...args.selector } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        ...(!args.fromOutside && { from: [{ namespaceSelector: {} }] }),
        ports: offered.map(({ port }) => tcp(port)),
      },
    ],
    egress: args.hasCustomExporters
      ? [{}]
      : [
          egressTo(args.destination),
          dnsEgress(),
          ...(args.watchesPods ? [{ ports: [tcp(443), tcp(6443)] }] : []),
        ],
  };
}
