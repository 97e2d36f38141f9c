import { expect, test } from "vitest";
import { deepFlowDestination } from "../../components/deepflow/destination.ts";
import { deepFlowSettings } from "../../components/deepflow/settings.ts";
import { exportTimeoutSeconds, flushTimeoutSeconds } from "../../components/otel-agent/collector-config.ts";
import { configMapName } from "../../components/otel-agent/config-map.ts";
import { networkPolicySpec } from "../../components/otel-agent/network-policy.ts";
import { podTemplate } from "../../components/otel-agent/pod-template.ts";
import { onlyOtlp, openPorts } from "../../components/otel-agent/ports.ts";
import { serviceSpec } from "../../components/otel-agent/service.ts";
import { otelAgentSettings } from "../../components/otel-agent/settings/settings.ts";

const args = {
  image: "example.com/collector:1",
  configMap: "otel-agent-conf",
  serviceAccount: "otel-agent",
  labels: { app: "otel-agent" },
  resources: otelAgentSettings.parse({}).resources,
  goEnvironment: {},
  queue: { storage: "memory" as const },
  namespace: "open-telemetry",
  selfMetrics: false,
  receivers: onlyOtlp,
  tolerations: [],
  nodeSelector: {},
  watchesPods: true,
  secretEnv: {},
  preStopSleepSeconds: 5,
};
const service = {
  topology: "agent",
  serviceType: "ClusterIP",
  selector: { app: "otel-agent" },
  receivers: onlyOtlp,
} as const;
const policy = {
  selector: { app: "otel-agent" },
  destination: deepFlowDestination(deepFlowSettings.parse({}), "open-telemetry"),
  selfMetrics: false,
  receivers: onlyOtlp,
  watchesPods: true,
  fromOutside: false,
  hasCustomExporters: false,
};

test("a changed configuration is another ConfigMap, and so other pods; an unchanged one is the same", () => {
  expect(configMapName("receivers: {}")).toBe(configMapName("receivers: {}"));
  expect(configMapName("receivers: {otlp: {}}")).not.toBe(configMapName("receivers: {}"));
  expect(configMapName("receivers: {}")).toMatch(/^otel-agent-conf-[0-9a-f]{10}$/);
  expect(podTemplate({ ...args, configMap: "other" })).not.toEqual(podTemplate(args));
});

test("a pod receives until kube-proxies have turned away, and then may take longer to end than its last batches", () => {
  const pod = (preStopSleepSeconds: number) =>
    podTemplate({ ...args, preStopSleepSeconds }).spec as {
      containers: object[];
      terminationGracePeriodSeconds: number;
    };
  expect(pod(7).containers).toMatchObject([{ lifecycle: { preStop: { sleep: { seconds: 7 } } } }]);
  expect(pod(0).containers).toEqual([
    expect.not.objectContaining({ lifecycle: expect.anything() as unknown }),
  ]);
  const grace = (seconds: number) => pod(seconds).terminationGracePeriodSeconds;
  expect(grace(7) - grace(0)).toBe(7);
  expect(grace(0)).toBeGreaterThan(flushTimeoutSeconds + 2 * exportTimeoutSeconds);
});

test("the Service offers the same ports on every layer, and health only to the kubelet", () => {
  const named = ({ name }: { name: string }) => name;
  expect(openPorts({ selfMetrics: true, receivers: onlyOtlp }).map(named)).toEqual([
    "otlp-grpc",
    "otlp-http",
    "metrics",
    "health",
  ]);
  expect(openPorts({ selfMetrics: false, receivers: onlyOtlp }).map(named)).toEqual([
    "otlp-grpc",
    "otlp-http",
    "health",
  ]);
  expect(serviceSpec({ ...service, selfMetrics: true }).ports).toMatchObject([
    { name: "otlp-grpc", port: 4317 },
    { name: "otlp-http", port: 4318 },
    { name: "metrics", port: 8888 },
  ]);
});

test("Jaeger's and Zipkin's ports are on the container, the Service and in the policy where a stack asks for them", () => {
  const receivers = { jaeger: { enabled: true }, zipkin: { enabled: true } };
  const wanted = {
    "otlp-grpc": 4317,
    "otlp-http": 4318,
    "jaeger-grpc": 14250,
    "jaeger-http": 14268,
    zipkin: 9411,
  };
  const [container] = podTemplate({ ...args, receivers }).spec?.["containers" as never] as unknown as [
    { ports: { name: string; containerPort: number }[] },
  ];
  const onContainer = container.ports.map(({ name, containerPort }) => [name, containerPort]);
  expect(Object.fromEntries(onContainer)).toEqual({ ...wanted, health: 13133 });
  expect(serviceSpec({ ...service, selfMetrics: false, receivers }).ports).toMatchObject(
    Object.entries(wanted).map(([name, port]) => ({ name, port, targetPort: name })),
  );
  expect(networkPolicySpec({ ...policy, receivers }).ingress).toMatchObject([
    { ports: Object.values(wanted).map((port) => ({ port, protocol: "TCP" })) },
  ]);
  const jaegerAlone = { ...receivers, zipkin: { enabled: false } };
  expect(openPorts({ selfMetrics: false, receivers: jaegerAlone }).map(({ port }) => port)).not.toContain(
    9411,
  );
});

test("the Service never leaves the node, because a Collector knows only its own node's pods", () => {
  expect(serviceSpec({ ...service, selfMetrics: false }).internalTrafficPolicy).toBe("Local");
});

test("policies let every namespace send, and the Collector reach DeepFlow, DNS and the API server only", () => {
  const { ingress, egress } = networkPolicySpec(policy);
  expect(ingress).toEqual([
    {
      from: [{ namespaceSelector: {} }],
      ports: [
        { port: 4317, protocol: "TCP" },
        { port: 4318, protocol: "TCP" },
      ],
    },
  ]);
  expect(egress).toEqual([
    { ports: [{ port: 38086, protocol: "TCP" }] },
    {
      ports: [
        { port: 53, protocol: "UDP" },
        { port: 53, protocol: "TCP" },
      ],
    },
    {
      ports: [
        { port: 443, protocol: "TCP" },
        { port: 6443, protocol: "TCP" },
      ],
    },
  ]);
});

test("a Collector that looks nothing up has no token, and no way to the API server", () => {
  expect(podTemplate({ ...args, watchesPods: false }).spec).toMatchObject({
    automountServiceAccountToken: false,
  });
  expect(JSON.stringify(networkPolicySpec({ ...policy, watchesPods: false }).egress)).not.toContain("443");
});

test("senders behind a load balancer may come from anywhere", () => {
  expect(networkPolicySpec({ ...policy, fromOutside: true }).ingress).toEqual([
    { ports: [expect.objectContaining({ port: 4317 }), expect.objectContaining({ port: 4318 })] },
  ]);
});

test("a node's address is nothing that a policy can select: its port is open", () => {
  const destination = deepFlowDestination(deepFlowSettings.parse({ type: "node" }), "open-telemetry");
  expect(networkPolicySpec({ ...policy, destination }).egress).toContainEqual({
    ports: [{ port: 38086, protocol: "TCP" }],
  });
});

test("exporters of a stack's own may send anywhere, because nobody here knows where", () => {
  expect(networkPolicySpec({ ...policy, hasCustomExporters: true }).egress).toEqual([{}]);
});

test("a gateway's Service takes spans from every node", () => {
  expect(serviceSpec({ ...service, topology: "gateway", selfMetrics: false }).internalTrafficPolicy).toBe(
    "Cluster",
  );
});
