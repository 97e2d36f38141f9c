import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { AgentGroupConfig } from "../components/agent-group-config/agent-group-config.ts";
import { exportDestination } from "../components/base/exported-destination.ts";
import { chartDestination } from "../components/deepflow/destination.ts";
import { otelAgentDestination } from "../components/otel-agent/destination.ts";
import { nextSteps } from "../next-steps.ts";
import { deploy } from "../program.ts";
import { registrations, registrationsOf } from "../render/objects.ts";
import { stackFrom } from "../stack.ts";

/**
 * What is fixed for good in a stack's state: a changed name or type deletes the old object and creates a new
 * one.
 */
const urns = [
  "deepflow-otel:otel-agent:OtelAgent otel-agent",
  "kubernetes:apps/v1:DaemonSet otel-agent-daemon-set",
  "kubernetes:core/v1:ConfigMap otel-agent-config",
  "kubernetes:core/v1:Namespace otel-agent-namespace",
  "kubernetes:core/v1:Service otel-agent-service",
  "kubernetes:core/v1:ServiceAccount otel-agent-service-account",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy otel-agent-network-policy",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole otel-agent-cluster-role",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding otel-agent-cluster-role-binding",
  "pulumi:providers:kubernetes kubernetes",
];

async function register(otelAgent: object = {}, topology = "agent") {
  return registrations(stackOf(otelAgent, topology), "test");
}

function stackOf(otelAgent: object, topology: string) {
  return stackFrom({
    "deepflow-otel:topology": topology,
    "deepflow-otel:otelAgent": JSON.stringify(otelAgent),
  });
}

const bothDemos = { "deepflow-otel:springBootWebShop": "{}", "deepflow-otel:otelWebStore": "{}" };

function names(registered: Awaited<ReturnType<typeof register>>): string[] {
  return registered
    .map(({ type, name }) => `${type} ${name}`)
    .filter((urn) => !urn.startsWith("pulumi:pulumi:Stack"))
    .sort();
}

test("types and names of resources stay what they are, or get an alias", async () => {
  expect(names(await register())).toEqual(urns);
});

test("a gateway keeps everything but the workload: its name stays, and its kind changes", async () => {
  const gateway = names(await register({ gateway: { autoscaling: { maxReplicas: 5 } } }, "gateway"));
  expect(gateway.filter((urn) => !urns.includes(urn))).toEqual([
    "kubernetes:apps/v1:Deployment otel-agent-deployment",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler otel-agent-autoscaler",
    "kubernetes:policy/v1:PodDisruptionBudget otel-agent-disruption-budget",
  ]);
  expect(urns.filter((urn) => !gateway.includes(urn))).toEqual([
    "kubernetes:apps/v1:DaemonSet otel-agent-daemon-set",
  ]);
});

test("an autoscaler is the only one that says how many gateways there are", async () => {
  const replicas = async (gateway: object) => {
    const registered = await register({ gateway }, "gateway");
    const { inputs } = registered.find(({ name }) => name === "otel-agent-deployment") ?? {};
    return (inputs?.["spec"] as { replicas?: number }).replicas;
  };
  expect(await replicas({})).toBe(2);
  expect(await replicas({ replicas: 3 })).toBe(3);
  expect(await replicas({ autoscaling: { maxReplicas: 5 } })).toBeUndefined();
});

test("passthrough has no RBAC at all", async () => {
  const registered = names(await register({ association: "passthrough" }));
  expect(registered).toEqual(urns.filter((urn) => !urn.includes("ClusterRole")));
});

test("direct has no Collector, and says where DeepFlow takes traces", async () => {
  expect(names(await register({}, "direct"))).toEqual(["pulumi:providers:kubernetes kubernetes"]);
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  expect(deploy(stackOf({}, "direct"))).toEqual({
    nextSteps: expect.arrayContaining([
      "Send: OTLP over http/protobuf to http://deepflow-agent.deepflow/api/v1/otel/trace.",
    ]) as string[],
    otlpEndpoints: {},
    otlpTracesEndpoint: "http://deepflow-agent.deepflow/api/v1/otel/trace",
    destination: exportDestination(chartDestination),
  });
  await pulumi.runtime.disconnect();
});

test("a node-local Service in front of the deepflow-agents is the stack's own", async () => {
  const registered = names(await register({ destination: { type: "nodeLocalService" } }));
  expect(registered.filter((urn) => !urns.includes(urn))).toEqual([
    "deepflow-otel:deepflow:NodeLocalService deepflow",
    "kubernetes:core/v1:Service deepflow-service",
  ]);
});

test("no object of a stack is without a component that it belongs to", async () => {
  const withoutParent: string[] = [];
  let objects = 0;
  const stack = stackFrom({
    ...bothDemos,
    "deepflow-otel:otelAgent": JSON.stringify({ destination: { type: "nodeLocalService" } }),
    "deepflow-otel:agentGroup": JSON.stringify({ controller: { host: "192.0.2.10" } }),
  });
  await registrationsOf(() => {
    pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
      if (!/^(kubernetes|command):/.test(type)) return undefined;
      objects += 1;
      if (!opts.parent) withoutParent.push(name);
      return undefined;
    });
    deploy(stack);
  }, "test");
  expect(withoutParent).toEqual([]);
  expect(objects).toBeGreaterThan(50);
});

describe("an agent group", () => {
  const agentGroup = (name: string) => ({
    "deepflow-otel:agentGroup": JSON.stringify({ name, controller: { host: "192.0.2.10" } }),
  });

  test("is configured by two Commands, told apart by the group, and only where a stack asks for it", async () => {
    const registered = names(await registrations(stackFrom(agentGroup("edge")), "test"));
    expect(registered.filter((urn) => !urns.includes(urn))).toEqual([
      "command:local:Command agent-group-edge-apply",
      "command:local:Command agent-group-edge-before",
      "deepflow-otel:agent-group-config:AgentGroupConfig agent-group",
    ]);
  });

  test("has commands whose text is the same on every machine, and values only in the environment", async () => {
    const registered = await registrations(stackFrom(agentGroup("edge")), "test");
    const commands = registered
      .filter(({ type }) => type === "command:local:Command")
      .map(({ inputs }) => inputs);
    expect(
      commands.map(({ create, update, delete: remove, triggers }) => [create, update, remove, triggers]),
    ).toEqual([
      [...Array<string>(2).fill("npm run --silent agent-group-config -- before"), undefined, undefined],
      [
        ...Array<string>(2).fill("npm run --silent agent-group-config -- apply"),
        "npm run --silent agent-group-config -- restore",
        undefined,
      ],
    ]);
    expect(JSON.stringify(commands)).not.toContain(process.cwd());
  });

  test("is not read again because a value changed: that would record what this stack wrote", async () => {
    const before = async (enabled: boolean) => {
      const config = { name: "edge", controller: { host: "192.0.2.10" }, integration: { enabled } };
      const registered = await registrations(
        stackFrom({ "deepflow-otel:agentGroup": JSON.stringify(config) }),
        "test",
      );
      return registered.find(({ name }) => name.endsWith("-before"))?.inputs;
    };
    expect(await before(true)).toEqual(await before(false));
  });

  test("that two components want is an error that names both", async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    });
    const { agentGroup: args } = stackFrom(agentGroup("edge"));
    if (!args) throw new Error("The stack has no agent group.");
    let said: unknown;
    await pulumi.runtime.runInPulumiStack(() => {
      new AgentGroupConfig("one", args);
      try {
        new AgentGroupConfig("two", args);
      } catch (error) {
        said = error;
      }
      return Promise.resolve();
    });
    expect(said).toMatchObject({
      message: "one and two both configure the agent group edge at 192.0.2.10; leave one of the two out.",
    });
    await pulumi.runtime.disconnect();
  });
});

test("a namespace that exists already is not the stack's", async () => {
  const existing = await register({ namespace: "observability", createNamespace: false });
  expect(names(existing)).toEqual(urns.filter((urn) => !urn.includes("Namespace")));
});

test("every Kubernetes object goes to the program's one provider, which updates ConfigMaps and Secrets in place", async () => {
  const providers = new Map<string, string | undefined>();
  let provider: Record<string, unknown> = {};
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, provider: used }) => {
      if (type.startsWith("kubernetes:")) providers.set(name, used);
      if (type === "pulumi:providers:kubernetes") provider = inputs as Record<string, unknown>;
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  const stack = stackFrom(bothDemos);
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(deploy(stack)));
  await pulumi.runtime.disconnect();
  const objects = names(await registrations(stack, "test")).filter((urn) => urn.startsWith("kubernetes:"));
  expect(providers.size).toBe(objects.length);
  expect([...new Set(providers.values())]).toEqual([
    expect.stringMatching(/providers:kubernetes::kubernetes::/),
  ]);
  expect(provider).toMatchObject({ enableConfigMapMutable: "true", enableSecretMutable: "true" });
});

test("two installs in two namespaces share no cluster-scoped name", async () => {
  const clusterNames = async (namespace: string) =>
    (await register({ namespace }))
      .filter(({ type }) => /ClusterRole|Namespace$/.test(type))
      .map(({ inputs }) => (inputs["metadata"] as { name: string }).name);
  const [one, two] = [await clusterNames("one"), await clusterNames("two")];
  expect(one).toHaveLength(3);
  expect(one.filter((name) => two.includes(name))).toEqual([]);
});

test("the stack says where applications send to, and what to do next", async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  expect(deploy(stackFrom({}))).toEqual({
    nextSteps: [
      "Send: OTLP over grpc to http://otel-agent.open-telemetry:4317, or OTLP over http/protobuf to http://otel-agent.open-telemetry:4318.",
      "Connect an application: npm run connect -- --stack test prints the lines to add to a pod, for each language; docs/applications.md explains them.",
      "Verify: npm run verify -- --stack test asks DeepFlow whether spans arrive with their pod.",
      "Look: the dashboard Distributed Tracing in DeepFlow's Grafana, http://localhost:3000",
    ],
    otlpEndpoints: {
      grpc: "http://otel-agent.open-telemetry:4317",
      "http/protobuf": "http://otel-agent.open-telemetry:4318",
    },
    otlpTracesEndpoint: "http://otel-agent.open-telemetry:4318/v1/traces",
    destination: exportDestination(otelAgentDestination("open-telemetry")),
  });
  await pulumi.runtime.disconnect();
});

test("the next steps of a stack with demos lead to each demo's requests and dashboard", () => {
  const steps = nextSteps(
    stackFrom({ ...bothDemos, "deepflow-otel:grafana": '{"url":"https://g.example"}' }),
    "demo",
  );
  expect(steps.map((step) => step.replace(/:.*/s, ""))).toEqual([
    "Send",
    "Connect an application",
    "Make requests to a demo",
    "Make requests to a demo",
    "Verify",
    "Look",
    "Look",
  ]);
  expect(
    steps.filter((step) => step.startsWith("Look: https://g.example/d/Distributed_Tracing/")),
  ).toHaveLength(2);
  expect(
    steps.filter((step) => step.startsWith("Make requests to a demo: kubectl port-forward")),
  ).toHaveLength(2);
});
