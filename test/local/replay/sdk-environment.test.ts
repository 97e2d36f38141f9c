import { expect, test } from "vitest";
import { sdks } from "../../../components/demo/sdk.ts";
import { endpointSaid, sdkEnvironment } from "../../../local/replay/sdk-environment.ts";

const always = {
  OTEL_METRICS_EXPORTER: "none",
  OTEL_LOGS_EXPORTER: "none",
  OTEL_NODE_RESOURCE_DETECTORS: "env",
  OTEL_EXPORTER_OTLP_TIMEOUT: "4000",
};

test("an SDK gets what the service's own reads, and what is built into that", () => {
  const environment = {
    PATH: "/bin",
    OTEL_SERVICE_NAME: "cart",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://agent:4317",
    OTEL_EXPORTER_OTLP_HEADERS: "a=b",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  };
  const { OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  expect(sdkEnvironment(sdks.go, environment)).toEqual({
    ...always,
    OTEL_SERVICE_NAME,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_TRACES_EXPORTER: "otlp",
  });
  expect(sdkEnvironment(sdks.dotnet, environment)).toEqual({
    ...always,
    OTEL_SERVICE_NAME,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_TRACES_EXPORTER: "otlp",
  });
});

test("an exporter that turns traces off does so where the service's own SDK reads it", () => {
  const off = { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "otlp" };
  const exporters = ["javaAgent2", "python"] as const;
  expect(exporters.map((name) => sdkEnvironment(sdks[name], off)["OTEL_TRACES_EXPORTER"])).toEqual([
    "none",
    "otlp",
  ]);
  expect(sdkEnvironment(sdks.javaAgent2, off)["OTEL_METRICS_EXPORTER"]).toBe("none");
});

test("where spans go is said by the variable that wins, without a password", () => {
  const general = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://agent:4318" };
  const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://user:secret@agent:4318/v1/traces" };
  expect([{}, general, { ...general, ...own }].map(endpointSaid)).toEqual([
    "no variable that the SDK reads says where to send",
    "OTEL_EXPORTER_OTLP_ENDPOINT is http://agent:4318",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is http://…@agent:4318/v1/traces",
  ]);
});
