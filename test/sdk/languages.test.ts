import { describe, expect, test } from "vitest";
import { chartDestination } from "../../components/deepflow/destination.ts";
import type { Destination } from "../../components/destination.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import {
  connectionsOf,
  containerEnv,
  languages,
  type Language,
  type LanguageName,
} from "../../components/sdk/languages.ts";
import { stackFrom } from "../../stack.ts";

const collectors = otelAgentDestination("open-telemetry");
const ownNode = stackFrom({
  "deepflow-otel:topology": "direct",
  "deepflow-otel:otelAgent": '{"destination":{"type":"node"}}',
}).applications;

const names = Object.keys(languages) as LanguageName[];

function waysTo(destination: Destination) {
  return Object.fromEntries(
    names.map((name) => {
      const { able, unable } = connectionsOf(languages[name], "shop", destination);
      const ways = able.map(({ instrumentation, protocol }) => `${instrumentation.name}: ${protocol}`);
      return [name, [...ways, ...unable.map((one) => `${one.name}: no way`)]];
    }),
  );
}

test("every language has a way to Collectors, one line of variables where one serves all", () => {
  expect(waysTo(collectors)).toEqual({
    java: ["the OpenTelemetry Java agent, version 2: grpc"],
    go: ["the exporter otlptracegrpc: grpc", "the exporter otlptracehttp: http/protobuf"],
    dotnet: ["AddOtlpExporter: grpc"],
    nodejs: ["the Node SDK: grpc"],
    python: ["the Python distro: grpc"],
    ruby: ["the gem opentelemetry-exporter-otlp: http/protobuf"],
    php: ["the SDK's autoloading: http/protobuf"],
    operator: ["the resource Instrumentation, for every language: http/protobuf"],
  });
});

test("every language has a way to DeepFlow itself, which takes OTLP/HTTP at a path of its own", () => {
  expect(waysTo(chartDestination)).toEqual({
    java: ["the OpenTelemetry Java agent, version 2: http/protobuf"],
    go: ["the exporter otlptracehttp: http/protobuf", "the exporter otlptracegrpc: no way"],
    dotnet: ["UseOtlpExporter: http/protobuf", "AddOtlpExporter: no way"],
    nodejs: ["the Node SDK: http/protobuf"],
    python: ["the Python distro: http/protobuf"],
    ruby: ["the gem opentelemetry-exporter-otlp: http/protobuf"],
    php: ["the SDK's autoloading: http/protobuf"],
    operator: [
      "the resource Instrumentation, for SDKs that read the endpoint for traces: http/protobuf",
      "the resource Instrumentation, for every language: no way",
    ],
  });
});

describe.each(names)("the variables of %s", (name) => {
  const { instrumentations }: Language = languages[name];

  test.each([
    ["Collectors", collectors],
    ["DeepFlow", chartDestination],
    ["the own node", ownNode],
  ])("to %s are read by the SDK, or are said to be its own", (_, destination) => {
    for (const { instrumentation, variables } of connectionsOf(languages[name], "shop", destination).able) {
      const known = [
        "HOST_IP",
        ...instrumentation.reads,
        ...Object.keys(instrumentation.variables ?? {}),
      ] as string[];
      expect(Object.keys(variables).filter((variable) => !known.includes(variable))).toEqual([]);
      expect(Object.keys(variables).some((variable) => variable.endsWith("ENDPOINT"))).toBe(true);
    }
  });

  test("say the protocol wherever the SDK reads it", () => {
    for (const { instrumentation, protocol, variables } of connectionsOf(languages[name], "shop", collectors)
      .able) {
      expect(variables["OTEL_EXPORTER_OTLP_PROTOCOL"]).toBe(
        instrumentation.reads.includes("OTEL_EXPORTER_OTLP_PROTOCOL") ? protocol : undefined,
      );
    }
  });

  test("begin with the node's address where the others need it", () => {
    for (const connection of connectionsOf(languages[name], "shop", ownNode).able) {
      const [first, ...others] = containerEnv(connection);
      expect(first).toEqual({
        name: "HOST_IP",
        valueFrom: { fieldRef: { fieldPath: "status.hostIP" } },
      });
      expect(JSON.stringify(others)).toContain("$(HOST_IP)");
    }
  });

  test("are from a source that is named", () => {
    for (const { source, setup } of instrumentations) {
      expect(source).not.toBe("");
      expect(setup).toMatch(/\.$|\)$/);
    }
  });
});
