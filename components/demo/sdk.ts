import { endpointVariables, otelVariables, resourceVariables, type Sdk } from "../sdk/sdk.ts";

/** The SDKs of the demos. */
export const sdks = {
  javaAgent1: {
    reads: otelVariables,
    protocols: ["grpc", "http/protobuf"],
    source: "opentelemetry-java: autoconfigure, OTEL_EXPORTER_OTLP_PROTOCOL defaults to grpc",
  },
  javaAgent2: {
    reads: otelVariables,
    protocols: ["http/protobuf", "grpc"],
    source: "opentelemetry-java-instrumentation CHANGELOG 2.0.0: the default protocol is now http/protobuf",
  },
  go: {
    reads: [...resourceVariables, ...endpointVariables],
    protocols: ["grpc"],
    source: "opentelemetry-demo v0.1.0-alpha, src/*/main.go: otlptracegrpc 1.4 is compiled in",
  },
  nodejs: {
    reads: [...resourceVariables, ...endpointVariables],
    protocols: ["grpc"],
    source:
      "opentelemetry-demo v0.1.0-alpha, src/*/tracing.js: exporter-trace-otlp-grpc 0.27; service name: opentelemetry-js PR 2227",
  },
  python: {
    reads: [...resourceVariables, ...endpointVariables],
    protocols: ["grpc"],
    source: "opentelemetry-demo v0.1.0-alpha, src/*/*.py: exporter-otlp-proto-grpc 1.9 is built in by code",
  },
  ruby: {
    reads: [...resourceVariables, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
    protocols: ["http/protobuf"],
    source:
      "opentelemetry-demo v0.1.0-alpha, docker-compose.yml and Gemfile.lock: exporter-otlp 0.21 takes the whole URL; service name: opentelemetry-ruby PR 806",
  },
  dotnet: {
    reads: [...resourceVariables, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    protocols: ["grpc", "http/protobuf"],
    source:
      "opentelemetry-dotnet PR 2188 and issue 4154: no traces-specific endpoint in Exporter.OpenTelemetryProtocol 1.2",
  },
} as const satisfies Record<string, Sdk>;
