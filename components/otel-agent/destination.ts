import type { Destination } from "../destination.ts";
import { standardLabels } from "../labels.ts";
import { ports } from "./ports.ts";

/** Labels of the Collector's objects, and those by which its pods are found. */
export const otelAgentLabels = standardLabels("otel-agent", "opentelemetry-collector");

/** What a Collector accepts, wherever it runs: OTLP/gRPC on 4317 and OTLP/HTTP on 4318. */
export const collectorEndpoints: Destination["endpoints"] = {
  grpc: { port: ports.otlpGrpc.port, targetPort: ports.otlpGrpc.port },
  "http/protobuf": {
    port: ports.otlpHttp.port,
    targetPort: ports.otlpHttp.port,
    tracesPath: "/v1/traces",
  },
};

/**
 * Where applications send to when there are Collectors: OTLP/gRPC on 4317 and OTLP/HTTP on 4318 of their
 * Service.
 */
export function otelAgentDestination(namespace: string): Destination {
  return {
    host: `otel-agent.${namespace}`,
    pods: { namespace, selector: otelAgentLabels.selector },
    endpoints: collectorEndpoints,
  };
}
