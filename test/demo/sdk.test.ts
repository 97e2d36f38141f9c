import { describe, expect, test } from "vitest";
import { deepFlowDestination } from "../../components/deepflow/destination.ts";
import { sdks } from "../../components/demo/sdk.ts";
import type { Destination } from "../../components/destination.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { otelVariables, readBy, telemetryVariables } from "../../components/sdk/sdk.ts";
import { parseSettings } from "../../settings.ts";

const collector = otelAgentDestination("open-telemetry");
const deepFlow = deepFlowDestination(parseSettings({}).otelAgent.destination, "open-telemetry");
const identity = { serviceName: "shop", version: "1.0" };

describe("the variables of an SDK", () => {
  test("of Go are an endpoint for traces, and no protocol, which it would not read", () => {
    expect(telemetryVariables(sdks.go, identity, collector)).toEqual({
      OTEL_SERVICE_NAME: "shop",
      OTEL_RESOURCE_ATTRIBUTES: "service.version=1.0",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://otel-agent.open-telemetry:4317",
    });
  });

  test("of .NET are the general endpoint, because it does not read the one for traces: the documents' cart lost its spans", () => {
    expect(telemetryVariables(sdks.dotnet, identity, collector)).toEqual({
      OTEL_SERVICE_NAME: "shop",
      OTEL_RESOURCE_ATTRIBUTES: "service.version=1.0",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel-agent.open-telemetry:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    });
  });

  test("of Ruby lead to OTLP/HTTP with the whole URL", () => {
    expect(telemetryVariables(sdks.ruby, identity, collector)).toMatchObject({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://otel-agent.open-telemetry:4318/v1/traces",
    });
  });

  test.each([sdks.javaAgent1, sdks.javaAgent2])(
    "of the Java agent say the protocol, whose default has changed",
    (sdk) => {
      expect(telemetryVariables(sdk, { serviceName: "shop" }, collector)).toEqual({
        OTEL_SERVICE_NAME: "shop",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://otel-agent.open-telemetry:4317",
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_METRICS_EXPORTER: "none",
        OTEL_LOGS_EXPORTER: "none",
      });
    },
  );

  test("to DeepFlow itself exist for SDKs that speak OTLP/HTTP and take the whole URL", () => {
    const able = Object.entries(sdks)
      .filter(([, sdk]) => telemetryVariables(sdk, identity, deepFlow) !== undefined)
      .map(([name]) => name);
    expect(able).toEqual(["javaAgent1", "javaAgent2", "ruby"]);
    expect(telemetryVariables(sdks.javaAgent2, identity, deepFlow)).toMatchObject({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://deepflow-agent.deepflow/api/v1/otel/trace",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    });
  });

  test.each(Object.entries(sdks))(
    "of %s are all read by it, and always name an endpoint that it reads",
    (_, sdk) => {
      for (const destination of [collector, deepFlow, httpOnly(collector)]) {
        const variables = telemetryVariables(sdk, identity, destination);
        if (!variables) continue;
        expect(
          Object.keys(variables).filter((name) => !(sdk.reads as readonly string[]).includes(name)),
        ).toEqual([]);
        expect(Object.keys(variables).some((name) => name.endsWith("ENDPOINT"))).toBe(true);
      }
    },
  );
});

describe("what an SDK reads of an environment", () => {
  test("has its built-in protocol where no variable that it reads says another", () => {
    expect(readBy(sdks.javaAgent2, {})).toEqual({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" });
    expect(readBy(sdks.javaAgent1, {})).toEqual({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
    expect(readBy(sdks.javaAgent2, { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toEqual({
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    });
    expect(readBy(sdks.go, { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" })).toEqual({
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    });
  });

  test("is for .NET nothing of the documents' cart but its name", () => {
    const documents = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://otel-agent.open-telemetry:4317",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=cartservice",
      REDIS_ADDR: "redis-cart:6379",
    };
    expect(readBy(sdks.dotnet, documents)).toEqual({
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=cartservice",
    });
  });
});

test("every SDK says where its row is from, and reads variables that are known", () => {
  for (const { source, reads } of Object.values(sdks)) {
    expect(source).toMatch(/opentelemetry-/);
    expect(reads.filter((name) => !otelVariables.includes(name))).toEqual([]);
  }
});

function httpOnly({ host, endpoints }: Destination): Destination {
  const { "http/protobuf": http } = endpoints;
  return { host, endpoints: http ? { "http/protobuf": http } : {} };
}
