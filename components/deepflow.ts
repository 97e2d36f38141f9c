import type { Destination } from "./destination.ts";

/** How a cluster's DeepFlow is found. The defaults are those of DeepFlow's Helm chart. */
export interface DeepFlowAgentService {
  /** Service in front of the deepflow-agents. */
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  /** Port that a deepflow-agent listens on (`inputs.integration.listen_port`); NetworkPolicies name it. */
  readonly targetPort: number;
}

/**
 * DeepFlow's own Destination, its agents' integration port. It takes OTLP/HTTP with protobuf bodies at a path of its
 * own, and answers 404 elsewhere (deepflow `agent/src/integration_collector.rs`); there is no OTLP/gRPC.
 */
export function deepFlowAgent({ service, namespace, port, targetPort }: DeepFlowAgentService): Destination {
  return {
    host: `${service}.${namespace}`,
    namespace,
    endpoints: { "http/protobuf": { port, targetPort, tracesPath: "/api/v1/otel/trace" } },
  };
}
