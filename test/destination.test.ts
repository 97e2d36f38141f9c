import { expect, test } from "vitest";
import { deepFlowAgent } from "../components/deepflow.ts";
import { egressTo, endpointUrl, tracesUrl, type Destination } from "../components/destination.ts";

const deepflow = deepFlowAgent({
  service: "deepflow-agent",
  namespace: "deepflow",
  port: 80,
  targetPort: 38086,
});
const collector: Destination = {
  host: "otel-agent.open-telemetry",
  namespace: "open-telemetry",
  podSelector: { app: "otel-agent" },
  endpoints: { grpc: { port: 4317, targetPort: 4317 }, "http/protobuf": { port: 4318, targetPort: 4318 } },
};

test("DeepFlow takes traces at its own path, and port 80 is left out as in the documents", () => {
  expect(tracesUrl(deepflow)).toBe("http://deepflow-agent.deepflow/api/v1/otel/trace");
});

test("a Collector takes traces at OTLP's path", () => {
  expect(tracesUrl(collector)).toBe("http://otel-agent.open-telemetry:4318/v1/traces");
  expect(endpointUrl(collector, "grpc")).toBe("http://otel-agent.open-telemetry:4317");
});

test("asking for a protocol that a destination does not accept names those that it does", () => {
  expect(() => endpointUrl(deepflow, "grpc")).toThrow(
    "The destination deepflow-agent.deepflow does not accept OTLP over grpc; use one of: http/protobuf.",
  );
});

test("egress names the ports of the pods behind the Service, because that is what a NetworkPolicy sees", () => {
  expect(egressTo(deepflow)).toEqual({
    to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "deepflow" } } }],
    ports: [{ port: 38086, protocol: "TCP" }],
  });
  expect(egressTo(collector)).toEqual({
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "open-telemetry" } },
        podSelector: { matchLabels: { app: "otel-agent" } },
      },
    ],
    ports: [
      { port: 4317, protocol: "TCP" },
      { port: 4318, protocol: "TCP" },
    ],
  });
});
