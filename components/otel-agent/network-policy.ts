import type * as k8s from "@pulumi/kubernetes";
import { egressTo, type Destination } from "../destination.ts";
import { openPorts } from "./ports.ts";

/** What decides who may talk to the Collector, and to whom it talks. */
export interface NetworkPolicyArgs {
  readonly selector: Readonly<Record<string, string>>;
  readonly destination: Destination;
  readonly selfMetrics: boolean;
}

/**
 * In: pods of any namespace, on the ports that the Service offers. (A node's own kubelet always reaches its pods.)
 * Out: the destination; DNS; the API server, of which a policy can only name the port, because it is no pod: 443 as
 * the Service `kubernetes` has it, 6443 where a CNI sees the API server behind it.
 */
export function networkPolicySpec(args: NetworkPolicyArgs): k8s.types.input.networking.v1.NetworkPolicySpec {
  const tcp = (port: number) => ({ port, protocol: "TCP" });
  return {
    podSelector: { matchLabels: { ...args.selector } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [{ namespaceSelector: {} }],
        ports: openPorts(args)
          .filter(({ onService }) => onService)
          .map(({ port }) => tcp(port)),
      },
    ],
    egress: [
      egressTo(args.destination),
      { ports: [{ port: 53, protocol: "UDP" }, tcp(53)] },
      { ports: [tcp(443), tcp(6443)] },
    ],
  };
}
