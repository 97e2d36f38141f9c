import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { deepFlowDestination } from "../../components/deepflow/destination.ts";
import { deepFlowSettings } from "../../components/deepflow/settings.ts";
import {
  collectorConfig,
  collectorConfigYaml,
  type CollectorConfigArgs,
} from "../../components/otel-agent/collector-config.ts";
import { configSyntaxOf, type CollectorVersion } from "../../components/otel-agent/collector-version.ts";
import { onlyOtlp } from "../../components/otel-agent/ports.ts";
import { Quantity } from "../../components/quantity.ts";

function syntax(...version: CollectorVersion) {
  const found = configSyntaxOf(version);
  if (!found) throw new Error(`Version ${version.join(".")} is unknown.`);
  return found;
}

const args: CollectorConfigArgs = {
  topology: "agent",
  association: "connection",
  syntax: syntax(0, 149, 0),
  destination: deepFlowDestination(deepFlowSettings.parse({}), "open-telemetry"),
  k8sAttributes: ["k8s.pod.name"],
  resourceAttributes: {},
  httpAttributes: false,
  processors: {},
  exporters: {},
  memoryLimitMib: 512,
  queue: { storage: "memory" },
  selfMetrics: false,
  receivers: onlyOtlp,
};

/** The configuration as the Collector sees it, in a type that tests can look into. */
function config(changes: Partial<CollectorConfigArgs> = {}) {
  return load(collectorConfigYaml({ ...args, ...changes })) as {
    receivers: { otlp: { protocols: { grpc: { endpoint: string }; http: { endpoint: string } } } };
    extensions: { health_check: { endpoint: string } };
    processors: Record<string, Record<string, unknown>> & {
      k8s_attributes: { extract: { metadata: string[] }; filter?: unknown; pod_association: unknown };
      resource: { attributes: { key: string }[] };
    };
    exporters: Record<string, Record<string, unknown>>;
    service: {
      pipelines: { traces: { receivers: string[]; processors: string[]; exporters: string[] } };
      telemetry: { metrics: unknown };
    };
  };
}

test("Jaeger's and Zipkin's receivers listen where OTLP's do, bounded like them, in the one pipeline", () => {
  const jaeger = { jaeger: { enabled: true }, zipkin: { enabled: false } };
  const both = { jaeger: { enabled: true }, zipkin: { enabled: true } };
  expect(config({ receivers: both }).receivers).toMatchObject({
    jaeger: {
      protocols: {
        grpc: { endpoint: "${env:MY_POD_IP}:14250", max_recv_msg_size_mib: 4 },
        thrift_http: { endpoint: "${env:MY_POD_IP}:14268", response_headers: { Connection: "close" } },
      },
    },
    zipkin: { endpoint: "${env:MY_POD_IP}:9411", max_request_body_size: 4 * 1024 * 1024 },
  });
  const inPipeline = (receivers: CollectorConfigArgs["receivers"]) =>
    config({ receivers }).service.pipelines.traces.receivers;
  expect(inPipeline(both)).toEqual(["otlp", "jaeger", "zipkin"]);
  expect(inPipeline(jaeger)).toEqual(["otlp", "jaeger"]);
});

test("the pipeline refuses first, looks the pod up, stamps its address, and batches behind all that", () => {
  const { service, exporters } = config();
  expect(service.pipelines).toEqual({
    traces: {
      receivers: ["otlp"],
      processors: ["memory_limiter", "k8s_attributes", "resource", "transform/deepflow"],
      exporters: ["otlp_http"],
    },
  });
  expect(exporters["otlp_http"]).toMatchObject({ sending_queue: { batch: { sizer: "items" } } });
});

test("many small batches are on their way at once, so that one which cannot arrive holds up little", () => {
  for (const spoken of [syntax(0, 149, 0), syntax(0, 111, 0)]) {
    const { exporters, processors } = config({ syntax: spoken });
    const [exporter] = Object.values(exporters);
    expect(exporter).toMatchObject({
      sending_queue: { num_consumers: 40 },
      retry_on_failure: { max_interval: "5s" },
    });
    expect(JSON.stringify([exporter, processors["batch"]])).toMatch(/"(max_size|send_batch_max_size)":1024/);
  }
});

test("k8s.pod.ip is extracted although nobody asked for it, and app.host.ip is made from it", () => {
  const { processors } = config();
  expect(processors.k8s_attributes.extract.metadata).toEqual(["k8s.pod.ip", "k8s.pod.name"]);
  expect(processors.resource.attributes).toEqual([
    { key: "app.host.ip", from_attribute: "k8s.pod.ip", action: "insert" },
  ]);
});

test("each Collector watches the pods of its own node, and finds the sender by its connection", () => {
  const { k8s_attributes } = config().processors;
  expect(k8s_attributes.filter).toEqual({ node_from_env_var: "K8S_NODE_NAME" });
  expect(k8s_attributes.pod_association).toEqual([{ sources: [{ from: "connection" }] }]);
});

test("nothing listens on a wildcard or on localhost", () => {
  const { receivers, extensions } = config();
  const { grpc, http } = receivers.otlp.protocols;
  expect([grpc.endpoint, http.endpoint, extensions.health_check.endpoint]).toEqual([
    "${env:MY_POD_IP}:4317",
    "${env:MY_POD_IP}:4318",
    "${env:MY_POD_IP}:13133",
  ]);
});

test("DeepFlow gets protobuf at its own path", () => {
  expect(config().exporters["otlp_http"]).toMatchObject({
    traces_endpoint: "http://deepflow-agent.deepflow/api/v1/otel/trace",
    encoding: "proto",
    compression: "none",
  });
});

describe("a stack's resource attributes", () => {
  test("come after app.host.ip, sorted by key", () => {
    const { attributes } = config({ resourceAttributes: { b: "2", a: "1" } }).processors.resource;
    expect(attributes.map(({ key }) => key)).toEqual(["app.host.ip", "a", "b"]);
  });

  test("mean what they say: the Collector expands nothing in them", () => {
    const { attributes } = config({ resourceAttributes: { price: "$5 ${env:HOME}" } }).processors.resource;
    expect(attributes[1]).toEqual({ key: "price", value: "$$5 $${env:HOME}", action: "upsert" });
  });
});

test("its own metrics are served on the pod's address where a stack asks for them, and else not made", () => {
  const telemetry = (selfMetrics: boolean) => config({ selfMetrics }).service.telemetry.metrics;
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

describe("association", () => {
  const stages = (changes: Partial<CollectorConfigArgs>) =>
    config(changes).service.pipelines.traces.processors;

  test("by the resource goes name with namespace, then the documents' own order, then the connection", () => {
    const { processors } = config({ association: "resource" });
    expect(processors.k8s_attributes.pod_association).toEqual([
      {
        sources: [
          { from: "resource_attribute", name: "k8s.pod.name" },
          { from: "resource_attribute", name: "k8s.namespace.name" },
        ],
      },
      { sources: [{ from: "resource_attribute", name: "k8s.pod.name" }] },
      { sources: [{ from: "resource_attribute", name: "k8s.pod.ip" }] },
      { sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] },
      { sources: [{ from: "connection" }] },
    ]);
    expect(stages({ association: "resource" })).toEqual([
      "memory_limiter",
      "resource/pre",
      "k8s_attributes",
      "k8s_attributes/connection",
      "resource/post",
      "transform/deepflow",
    ]);
  });

  test("by the resource, and in a gateway, watches the pods of all nodes", () => {
    expect(config({ association: "resource" }).processors.k8s_attributes.filter).toBeUndefined();
    expect(config({ topology: "gateway" }).processors.k8s_attributes.filter).toBeUndefined();
  });

  test("passthrough asks the API server nothing", () => {
    expect(config({ association: "passthrough" }).processors["k8s_attributes"]).toEqual({
      passthrough: true,
    });
  });
});

test("what a stack adds comes after app.host.ip is set, what DeepFlow reads is made of what it leaves, and sampling is last", () => {
  const { pipelines } = config({
    httpAttributes: true,
    samplingPercentage: 25,
    processors: { "attributes/team": { actions: [] } },
    exporters: { debug: null },
  }).service;
  expect(pipelines.traces.processors).toEqual([
    "memory_limiter",
    "k8s_attributes",
    "resource",
    "attributes/team",
    "transform/deepflow",
    "probabilistic_sampler",
  ]);
  expect(pipelines.traces.exporters).toEqual(["otlp_http", "debug"]);
});

test("the node as destination is spelled as the Collector expands it", () => {
  const destination = deepFlowDestination(deepFlowSettings.parse({ type: "node" }), "open-telemetry");
  expect(config({ destination }).exporters["otlp_http"]).toMatchObject({
    traces_endpoint: "http://${env:HOST_IP}:38086/api/v1/otel/trace",
  });
});

describe("the version", () => {
  test("0.111 gets the names that it knows, and a processor that batches last", () => {
    const { processors, exporters, service } = config({ syntax: syntax(0, 111, 0) });
    expect(service.pipelines.traces.processors).toEqual([
      "memory_limiter",
      "k8sattributes",
      "resource",
      "transform/deepflow",
      "batch",
    ]);
    expect(service.pipelines.traces.exporters).toEqual(["otlphttp"]);
    expect(exporters["otlphttp"]).toMatchObject({ sending_queue: { enabled: true, queue_size: 51 } });
    expect(processors["k8sattributes"]).not.toHaveProperty("wait_for_metadata");
  });

  test.each<[CollectorVersion, boolean]>([
    [[0, 138, 0], false],
    [[0, 139, 0], true],
    [[0, 159, 0], true],
    [[0, 160, 0], false],
  ])("%j is asked for the Deployment's name by its own key: %s", (version, asked) => {
    const { processors } = config({ syntax: syntax(...version) });
    expect(JSON.stringify(processors).includes("deployment_name_from_replicaset")).toBe(asked);
  });
});

test("what is sent is compressed only where a stack says so", () => {
  const compression = (settings: object) => {
    const destination = deepFlowDestination(deepFlowSettings.parse(settings), "open-telemetry");
    return config({ destination }).exporters;
  };
  expect(compression({})).toMatchObject({ otlp_http: { compression: "none" } });
  expect(compression({ compression: "gzip" })).toMatchObject({ otlp_http: { compression: "gzip" } });
});

test("a queue on a disk has a storage, and what a stack lets wait", () => {
  expect(config({ queue: { storage: "pod", size: Quantity.ofMebibytes(1024) } })).toMatchObject({
    extensions: { file_storage: { directory: "/var/lib/otelcol/queue" } },
    exporters: { otlp_http: { sending_queue: { storage: "file_storage", queue_size: 1024 ** 3 } } },
    service: { extensions: ["health_check", "file_storage"] },
  });
});
