import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { SettingsError } from "../../components/schema/settings-error.ts";
import { renderStack, stackIn } from "../../render/stack.ts";
import { stackFrom } from "../../stack.ts";

const collectors = otelAgentDestination("observability");

function errors(config: Readonly<Record<string, string>>, base = collectors): readonly string[] {
  try {
    stackFrom({ "deepflow-otel:base": "dev", ...config }, new Set(), base);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.sentences;
    throw error;
  }
}

test("a stack with a base has demos that send there, and nothing of the base's own", () => {
  const stack = stackFrom(
    { "deepflow-otel:base": "dev", "deepflow-otel:otelWebStore": "{}" },
    new Set(),
    collectors,
  );
  const { demos, grafanaUrl } = stack;
  expect(stack).toEqual({ base: "dev", applications: collectors, hostCollectors: {}, demos, grafanaUrl });
  expect(stack.demos.otelWebStore?.args.destination).toEqual(collectors);
});

test("the defaults of Pulumi.yaml, which every stack's configuration has, are no settings of its own", () => {
  expect(errors({ "deepflow-otel:topology": "agent", "deepflow-otel:otelAgent": "{}" })).toEqual([]);
});

test("what a base has cannot be set beside it", () => {
  const said = (key: string) =>
    expect.stringMatching(
      new RegExp(
        `^deepflow-otel:${key} .*those of the base dev; set it there, or leave deepflow-otel:base out`,
      ),
    ) as string;
  expect(
    errors({
      "deepflow-otel:otelAgent": '{"selfMetrics": true}',
      "deepflow-otel:topology": "gateway",
      "deepflow-otel:agentGroup": '{"controller": {"host": "10.0.0.1"}}',
    }),
  ).toEqual([said("otelAgent"), said("topology"), said("agentGroup")]);
});

test("a demo cannot live where the base's Collectors are", () => {
  expect(errors({ "deepflow-otel:otelWebStore": '{"namespace": "observability"}' })).toEqual([
    "deepflow-otel:otelWebStore.namespace is observability, where the Collectors of the base dev are; write another name.",
  ]);
});

test("a base that no SDK of a demo can send to is an error", () => {
  const grpcOnly = { host: "collector.example", endpoints: { grpc: { port: 4317, targetPort: 4317 } } };
  expect(errors({ "deepflow-otel:springBootWebShop": "{}" }, grpcOnly)).toEqual([]);
  expect(errors({ "deepflow-otel:springBootWebShop": "{}" }, { host: "a", endpoints: {} })).toEqual([
    "deepflow-otel:springBootWebShop has no SDK that can send to the base dev (a: ); give the base Collectors (topology agent or gateway).",
  ]);
});

describe("without an engine, a base is read from its own file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "base-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const stackFile = (stack: string, text: string) => {
    writeFileSync(join(folder, `Pulumi.${stack}.yaml`), text);
  };

  test("and the demos are rendered as beside the Collectors in one stack", async () => {
    stackFile("dev", "config: { deepflow-otel:otelAgent: { namespace: observability } }");
    stackFile(
      "demo",
      "config: { deepflow-otel:base: organization/deepflow-otel/dev, deepflow-otel:otelWebStore: {} }",
    );
    stackFile(
      "both",
      "config: { deepflow-otel:otelAgent: { namespace: observability }, deepflow-otel:otelWebStore: {} }",
    );
    const [demo, both] = await renderBoth("demo", "both");
    const isCollectors = (path: string) =>
      path.startsWith("observability/") ||
      path.includes("otel-agent") ||
      path.includes("namespace-observability");
    // Whose they are is the one thing that differs.
    const others = [...both]
      .filter(([path]) => path !== "README.md" && !isCollectors(path))
      .map(([path, text]) => [path, text.replace("deepflow-otel/both", "deepflow-otel/demo")] as const);
    expect(new Map([...demo].filter(([path]) => path !== "README.md"))).toEqual(new Map(others));
    expect(demo.size).toBeGreaterThan(20);
  });

  async function renderBoth(one: string, other: string) {
    return [await renderStack(folder, one), await renderStack(folder, other)] as const;
  }

  test("which must be there, and have Collectors of its own", () => {
    stackFile("demo", "config: { deepflow-otel:base: dev }");
    expect(() => stackIn(folder, "demo")).toThrow("There is no Pulumi.dev.yaml; create it");
    stackFile("dev", "config: { deepflow-otel:base: root }");
    expect(() => stackIn(folder, "demo")).toThrow(
      "deepflow-otel:base of the stack demo is dev, which has a base itself; name root.",
    );
  });
});
