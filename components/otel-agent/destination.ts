import type { Destination } from "../destination.ts";
import { standardLabels } from "../labels.ts";
import { ports } from "./ports.ts";

/** Labels of the Collector's objects, and those by which its pods are found. */
export const otelAgentLabels = standardLabels("otel-agent", "opentelemetry-collector");

/**
 * Where applications send to when there are Collectors: OTLP/gRPC on 4317 and OTLP/HTTP on 4318 of their
 * Service.
 */
export function otelAgentDestination(namespace: string): Destination {
  const { otlpGrpc, otlpHttp } = ports;
  return {
    host: `otel-agent.${namespace}`,
    pods: { namespace, selector: otelAgentLabels.selector },
    endpoints: {
      grpc: { port: otlpGrpc.port, targetPort: otlpGrpc.port },
      "http/protobuf": { port: otlpHttp.port, targetPort: otlpHttp.port, tracesPath: "/v1/traces" },
    },
  };
}
