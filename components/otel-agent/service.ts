import type * as k8s from "@pulumi/kubernetes";
import { openPorts, type OpenPortsArgs } from "./ports.ts";
import { topologies, type CollectorTopology } from "./topology.ts";

/** Who can reach the Service: pods, or also whoever reaches a node or a load balancer. */
export type ServiceType = "ClusterIP" | "NodePort" | "LoadBalancer";

/** What the Service in front of the Collectors is made from. */
export interface ServiceArgs extends OpenPortsArgs {
  readonly topology: CollectorTopology;
  readonly serviceType: ServiceType;
  readonly selector: Readonly<Record<string, string>>;
}

/**
 * The Service that applications send to. An agent's `internalTrafficPolicy: Local` and its node filter need
 * each other: a span must not cross nodes before its pod was looked up, and an agent knows its own node's
 * pods only.
 */
export function serviceSpec(args: ServiceArgs): k8s.types.input.core.v1.ServiceSpec {
  return {
    type: args.serviceType,
    internalTrafficPolicy: topologies[args.topology].internalTrafficPolicy,
    selector: { ...args.selector },
    ports: openPorts(args)
      .filter(({ onService }) => onService)
      .map(({ name, port, appProtocol }) => ({ name, port, targetPort: name, appProtocol, protocol: "TCP" })),
  };
}
