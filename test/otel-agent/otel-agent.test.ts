import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type { OtelAgentArgs } from "../../components/otel-agent/args.ts";
import { OtelAgent } from "../../components/otel-agent/otel-agent.ts";
import { resolveOtelAgent } from "../../components/otel-agent/resolve.ts";
import type { otelAgentSettings } from "../../components/otel-agent/settings/settings.ts";
import { registrationsOf } from "../../render/objects.ts";
import { stackFrom } from "../../stack.ts";

type Settings = NonNullable<z.input<typeof otelAgentSettings>>;

test("the arguments of an OtelAgent are a stack's settings, its topology, and where DeepFlow is", () => {
  expectTypeOf<Exclude<keyof OtelAgentArgs, "topology" | "deepFlow" | "imageRegistry">>().toEqualTypeOf<
    Exclude<keyof Settings, "destination">
  >();
});

test("without arguments it is what a stack without settings has", () => {
  const { otelAgent = {} } = stackFrom({});
  expect(resolveOtelAgent({})).toEqual(resolveOtelAgent(otelAgent));
});

test("arguments that cannot be used are all told at once, and nothing is registered", async () => {
  const args = { namespace: "No", serviceType: "NodePort", gateway: { replicas: 2 } } as const;
  const registered = await registrationsOf(() => {
    expect(() => new OtelAgent("otel-agent", args)).toThrow(
      [
        "3 settings are not usable; nothing was changed.",
        '  - OtelAgent\'s namespace is "No"; write a Kubernetes name: lower-case letters, digits and hyphens, at most 63.',
        "  - OtelAgent's serviceType is \"NodePort\", but behind it the Collector sees the node's or load balancer's address instead of the pod's; write ClusterIP, or set otelAgent.association to resource.",
        "  - OtelAgent's gateway is { replicas }, but topology agent has no gateways; write topology gateway, or leave these settings out.",
      ].join("\n"),
    );
  }, "test");
  expect(registered.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
});
