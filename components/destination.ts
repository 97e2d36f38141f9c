import type * as k8s from "@pulumi/kubernetes";
import { tcp } from "./network-policy.ts";

/** The values of `OTEL_EXPORTER_OTLP_PROTOCOL` that something here speaks. */
export type OtlpProtocol = "grpc" | "http/protobuf";

/**
 * One way in: the port that clients dial, and the port of the pods behind it, which is what a NetworkPolicy
 * sees.
 */
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
  /** DNS name as clients use it, for example `deepflow-agent.deepflow`, or `nodeHost`. */
  readonly host: string;
  /** Default: `http`. */
  readonly scheme?: "http" | "https";
  /** How a Collector compresses what it sends there. Default: not at all. SDKs decide for themselves. */
  readonly compression?: "gzip";
  /** The pods that receive, where a NetworkPolicy can be sure to select them. */
  readonly pods?: {
    readonly namespace: string;
    /** Their labels; all pods of the namespace where these are not known. */
    readonly selector?: Readonly<Record<string, string>>;
  };
  /** What it accepts. A protocol that is absent is refused there. */
  readonly endpoints: Readonly<Partial<Record<OtlpProtocol, OtlpEndpoint>>>;
}

/**
 * The sender's own node as a host. It is spelled as Kubernetes expands it in a container's environment and
 * arguments, and needs the variable `HOST_IP` from `status.hostIP` before it.
 */
export const nodeHost = "$(HOST_IP)";

/**
 * Base URL for a protocol (`OTEL_EXPORTER_OTLP_ENDPOINT`): SDKs append the path themselves.
 *
 * @throws Error if the destination does not accept the protocol.
 */
export function endpointUrl(destination: Destination, protocol: OtlpProtocol): string {
  const { port } = endpointOf(destination, protocol);
  const { host, scheme = "http" } = destination;
  return port === defaultPorts[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}

/**
 * The protocols for which `OTEL_EXPORTER_OTLP_ENDPOINT` can be used: SDKs append `/v1/traces` to it for
 * OTLP/HTTP, which leads nowhere at a destination with another path.
 */
export function protocolsWithBaseUrl({ endpoints }: Destination): OtlpProtocol[] {
  return (Object.keys(endpoints) as OtlpProtocol[]).filter(
    (protocol) => (endpoints[protocol]?.tracesPath ?? standardTracesPath) === standardTracesPath,
  );
}

/**
 * Path that SDKs append to a base URL (OpenTelemetry Protocol Exporter specification, "Endpoint URLs for
 * OTLP/HTTP").
 */
const standardTracesPath = "/v1/traces";

/**
 * Full URL of trace requests over OTLP/HTTP (`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`), to which exporters append
 * nothing.
 *
 * @throws Error if the destination does not accept OTLP/HTTP.
 */
export function tracesUrl(destination: Destination): string {
  const { tracesPath } = endpointOf(destination, "http/protobuf");
  return endpointUrl(destination, "http/protobuf") + (tracesPath ?? standardTracesPath);
}

/**
 * The NetworkPolicy egress rule that lets a pod reach the destination, and no more than a policy can tell
 * apart.
 */
export function egressTo(destination: Destination): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  const { pods } = destination;
  const ports = Object.values(destination.endpoints).map((endpoint) => endpoint.targetPort);
  return {
    ...(pods && {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
          ...(pods.selector && { podSelector: { matchLabels: { ...pods.selector } } }),
        },
      ],
    }),
    ports: [...new Set(ports)].sort((a, b) => a - b).map(tcp),
  };
}

const defaultPorts = { http: 80, https: 443 };

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
