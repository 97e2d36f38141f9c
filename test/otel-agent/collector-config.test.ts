import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { deepFlowAgent } from "../../components/deepflow.ts";
import { collectorConfig, collectorConfigYaml } from "../../components/otel-agent/collector-config.ts";

const args = {
  destination: deepFlowAgent({
    service: "deepflow-agent",
    namespace: "deepflow",
    port: 80,
    targetPort: 38086,
  }),
  k8sAttributes: ["k8s.pod.name"],
  resourceAttributes: {},
  memoryLimitMib: 512,
  selfMetrics: false,
} as const;

test("the pipeline refuses first, looks the pod up, stamps its address, and batches behind all that", () => {
  const { service, exporters } = collectorConfig(args);
  expect(service.pipelines).toEqual({
    traces: {
      receivers: ["otlp"],
      processors: ["memory_limiter", "k8s_attributes", "resource"],
      exporters: ["otlp_http"],
    },
  });
  expect(exporters.otlp_http.sending_queue.batch).toMatchObject({ sizer: "items" });
});

test("k8s.pod.ip is extracted although nobody asked for it, and app.host.ip is made from it", () => {
  const { processors } = collectorConfig(args);
  expect(processors.k8s_attributes.extract.metadata).toEqual(["k8s.pod.ip", "k8s.pod.name"]);
  expect(processors.resource.attributes).toEqual([
    { key: "app.host.ip", from_attribute: "k8s.pod.ip", action: "insert" },
  ]);
});

test("each Collector watches the pods of its own node, and finds the sender by its connection", () => {
  const { k8s_attributes } = collectorConfig(args).processors;
  expect(k8s_attributes.filter).toEqual({ node_from_env_var: "K8S_NODE_NAME" });
  expect(k8s_attributes.pod_association).toEqual([{ sources: [{ from: "connection" }] }]);
});

test("nothing listens on a wildcard or on localhost", () => {
  const { receivers, extensions } = collectorConfig(args);
  const { grpc, http } = receivers.otlp.protocols;
  expect([grpc.endpoint, http.endpoint, extensions.health_check.endpoint]).toEqual([
    "${env:MY_POD_IP}:4317",
    "${env:MY_POD_IP}:4318",
    "${env:MY_POD_IP}:13133",
  ]);
});

test("DeepFlow gets protobuf at its own path", () => {
  expect(collectorConfig(args).exporters.otlp_http).toMatchObject({
    traces_endpoint: "http://deepflow-agent.deepflow/api/v1/otel/trace",
    encoding: "proto",
    compression: "none",
  });
});

describe("a stack's resource attributes", () => {
  test("come after app.host.ip, sorted by key", () => {
    const { attributes } = collectorConfig({ ...args, resourceAttributes: { b: "2", a: "1" } }).processors
      .resource;
    expect(attributes.map(({ key }) => key)).toEqual(["app.host.ip", "a", "b"]);
  });

  test("mean what they say: the Collector expands nothing in them", () => {
    const { attributes } = collectorConfig({ ...args, resourceAttributes: { price: "$5 ${env:HOME}" } })
      .processors.resource;
    expect(attributes[1]).toEqual({ key: "price", value: "$$5 $${env:HOME}", action: "upsert" });
  });
});

test("its own metrics are served on the pod's address where a stack asks for them, and else not made", () => {
  const telemetry = (selfMetrics: boolean) =>
    collectorConfig({ ...args, selfMetrics }).service.telemetry.metrics;
  expect(telemetry(false)).toEqual({ level: "none" });
  expect(telemetry(true)).toEqual({
    readers: [{ pull: { exporter: { prometheus: { host: "${env:MY_POD_IP}", port: 8888 } } } }],
  });
});

test("the file says the same as the value, whatever order settings came in", () => {
  expect(load(collectorConfigYaml(args))).toEqual(collectorConfig(args));
  expect(collectorConfigYaml({ ...args, resourceAttributes: { a: "1", b: "2" } })).toBe(
    collectorConfigYaml({ ...args, resourceAttributes: { b: "2", a: "1" } }),
  );
});
