import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy } from "../program.ts";
import { registrations } from "../render/objects.ts";
import { parseSettings } from "../settings.ts";

/** What is fixed for good in a stack's state: a changed name or type deletes the old object and creates a new one. */
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

async function register(otelAgent: object = {}) {
  return registrations(parseSettings({ "deepflow-otel:otelAgent": JSON.stringify(otelAgent) }), "test");
}

function names(registered: Awaited<ReturnType<typeof register>>): string[] {
  return registered
    .map(({ type, name }) => `${type} ${name}`)
    .filter((urn) => !urn.startsWith("pulumi:pulumi:Stack"))
    .sort();
}

test("types and names of resources stay what they are, or get an alias", async () => {
  expect(names(await register())).toEqual(urns);
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
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(deploy(parseSettings({}))));
  await pulumi.runtime.disconnect();
  expect(providers.size).toBe(8);
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

test("the stack says where applications send to", async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  expect(deploy(parseSettings({}))).toEqual({
    otlpEndpoints: {
      grpc: "http://otel-agent.open-telemetry:4317",
      "http/protobuf": "http://otel-agent.open-telemetry:4318",
    },
  });
  await pulumi.runtime.disconnect();
});
