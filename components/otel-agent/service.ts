import type * as k8s from "@pulumi/kubernetes";
import { openPorts } from "./ports.ts";

/** What the Service in front of the Collectors is made from. */
export interface ServiceArgs {
  readonly selector: Readonly<Record<string, string>>;
  readonly selfMetrics: boolean;
}

/**
 * The Service that applications send to. `internalTrafficPolicy: Local` and the Collector's node filter need each
 * other: a span must not cross nodes before its pod was looked up, and a Collector knows its own node's pods only.
 */
export function serviceSpec(args: ServiceArgs): k8s.types.input.core.v1.ServiceSpec {
  return {
    type: "ClusterIP",
    internalTrafficPolicy: "Local",
    selector: { ...args.selector },
    ports: openPorts(args)
      .filter(({ onService }) => onService)
      .map(({ name, port, appProtocol }) => ({ name, port, targetPort: name, appProtocol, protocol: "TCP" })),
  };
}
