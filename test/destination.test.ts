import { expect, test } from "vitest";
import { deepFlowDestination } from "../components/deepflow/destination.ts";
import { deepFlowSettings } from "../components/deepflow/settings.ts";
import { egressTo, endpointUrl, tracesUrl, type Destination } from "../components/destination.ts";

function deepFlow(settings: object): Destination {
  return deepFlowDestination(deepFlowSettings.parse(settings), "open-telemetry");
}

const deepflow = deepFlow({});
const collector: Destination = {
  host: "otel-agent.open-telemetry",
  pods: { namespace: "open-telemetry", selector: { app: "otel-agent" } },
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
  expect(egressTo(deepflow)).toEqual({ ports: [{ port: 38086, protocol: "TCP" }] });
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

test.each([
  [{}, "http://deepflow-agent.deepflow/api/v1/otel/trace"],
  [{ namespace: "tracing", service: "df", port: 8080 }, "http://df.tracing:8080/api/v1/otel/trace"],
  [{ type: "node", targetPort: 38087 }, "http://$(HOST_IP):38087/api/v1/otel/trace"],
  [{ type: "nodeLocalService" }, "http://deepflow-agent-for-open-telemetry.deepflow/api/v1/otel/trace"],
  [{ type: "url", url: "https://otel.example.com/in?key=1" }, "https://otel.example.com/in?key=1"],
  [{ type: "url", url: "http://otel.example.com:8443/v1/traces" }, "http://otel.example.com:8443/v1/traces"],
])("DeepFlow as %j takes traces at %s", (settings, url) => {
  expect(tracesUrl(deepFlow(settings))).toBe(url);
});

test.each(["deepflow-agent.deepflow.svc", "deepflow-agent.deepflow.svc.cluster.local"])(
  "a policy sees the port of the pods behind %s, not the URL's",
  (host) => {
    expect(egressTo(deepFlow({ type: "url", url: `http://${host}/in` }))).toEqual({
      ports: [{ port: 38086, protocol: "TCP" }],
    });
  },
);

test("deepflow-agents on the host network are no pods to a policy, so none is named", () => {
  for (const type of ["service", "nodeLocalService", "node"])
    expect(egressTo(deepFlow({ type }))).not.toHaveProperty("to");
});

test("what is no pod can only be told apart by its port", () => {
  expect(egressTo(deepFlow({ type: "url", url: "https://otel.example.com/in" }))).toEqual({
    ports: [{ port: 443, protocol: "TCP" }],
  });
});
