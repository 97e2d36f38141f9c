import type * as k8s from "@pulumi/kubernetes";

/** The values of `OTEL_EXPORTER_OTLP_PROTOCOL` that something here speaks. */
export type OtlpProtocol = "grpc" | "http/protobuf";

/** One way in: the port that clients dial, and the port of the pods behind it, which is what a NetworkPolicy sees. */
export interface OtlpEndpoint {
  readonly port: number;
  readonly targetPort: number;
  /** Path of trace requests; only OTLP/HTTP has one. */
  readonly tracesPath?: string;
}

/**
 * Where telemetry goes: the one type that wires the components together. It feeds exporters, environment
 * variables, NetworkPolicies and links alike, and is computed from settings only, so that a preview knows it.
 */
export interface Destination {
  /** DNS name as clients use it, for example `deepflow-agent.deepflow`. */
  readonly host: string;
  /** Namespace of the pods that receive. */
  readonly namespace: string;
  /** Labels of those pods; all pods of the namespace where they are not known. */
  readonly podSelector?: Readonly<Record<string, string>>;
  /** What it accepts. A protocol that is absent is refused there. */
  readonly endpoints: Readonly<Partial<Record<OtlpProtocol, OtlpEndpoint>>>;
}

/**
 * Base URL for a protocol (`OTEL_EXPORTER_OTLP_ENDPOINT`): SDKs append the path themselves.
 *
 * @throws Error if the destination does not accept the protocol.
 */
export function endpointUrl(destination: Destination, protocol: OtlpProtocol): string {
  const { port } = endpointOf(destination, protocol);
  return port === 80 ? `http://${destination.host}` : `http://${destination.host}:${port}`;
}

/**
 * Full URL of trace requests over OTLP/HTTP, for exporters that append nothing (`traces_endpoint`).
 *
 * @throws Error if the destination does not accept OTLP/HTTP.
 */
export function tracesUrl(destination: Destination): string {
  const { tracesPath } = endpointOf(destination, "http/protobuf");
  return endpointUrl(destination, "http/protobuf") + (tracesPath ?? "/v1/traces");
}

/** The NetworkPolicy egress rule that lets a pod reach the destination, and no more. */
export function egressTo(destination: Destination): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  const ports = Object.values(destination.endpoints).map((endpoint) => endpoint.targetPort);
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": destination.namespace } },
        ...(destination.podSelector && { podSelector: { matchLabels: { ...destination.podSelector } } }),
      },
    ],
    ports: [...new Set(ports)].sort((a, b) => a - b).map((port) => ({ port, protocol: "TCP" })),
  };
}

function endpointOf(destination: Destination, protocol: OtlpProtocol): OtlpEndpoint {
  const endpoint = destination.endpoints[protocol];
  if (!endpoint) {
    const accepted = Object.keys(destination.endpoints).join(", ");
    throw new Error(
      `The destination ${destination.host} does not accept OTLP over ${protocol}; use one of: ${accepted}.`,
    );
  }
  return endpoint;
}
