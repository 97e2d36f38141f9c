import {
  endpointUrl,
  nodeHost,
  protocolsWithBaseUrl,
  tracesUrl,
  type Destination,
  type OtlpProtocol,
} from "../destination.ts";

/** The `OTEL_*` variables that a demo's pods get. */
export const otelVariables = [
  "OTEL_SERVICE_NAME",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_TRACES_EXPORTER",
  "OTEL_METRICS_EXPORTER",
  "OTEL_LOGS_EXPORTER",
] as const;

export type OtelVariable = (typeof otelVariables)[number];

/** An OpenTelemetry SDK as an image has it built in: what it reads, and what it can speak. */
export interface Sdk {
  /** The variables that it really reads; any other is ignored without a word. */
  readonly reads: readonly OtelVariable[];
  /** What its exporter can speak. The first is built in: it applies where no variable says otherwise. */
  readonly protocols: readonly [OtlpProtocol, ...OtlpProtocol[]];
  /** Where this is from. */
  readonly source: string;
}

const resource = ["OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"] as const;
const endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] as const;
const exporters = [
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_TRACES_EXPORTER",
  "OTEL_METRICS_EXPORTER",
  "OTEL_LOGS_EXPORTER",
] as const;

/** The SDKs of the demos. */
export const sdks = {
  javaAgent1: {
    reads: [...resource, ...endpoints, ...exporters],
    protocols: ["grpc", "http/protobuf"],
    source: "opentelemetry-java: autoconfigure, OTEL_EXPORTER_OTLP_PROTOCOL defaults to grpc",
  },
  javaAgent2: {
    reads: [...resource, ...endpoints, ...exporters],
    protocols: ["http/protobuf", "grpc"],
    source: "opentelemetry-java-instrumentation CHANGELOG 2.0.0: the default protocol is now http/protobuf",
  },
  go: {
    reads: [...resource, ...endpoints],
    protocols: ["grpc"],
    source: "opentelemetry-demo v0.1.0-alpha, src/*/main.go: otlptracegrpc 1.4 is compiled in",
  },
  nodejs: {
    reads: [...resource, ...endpoints],
    protocols: ["grpc"],
    source:
      "opentelemetry-demo v0.1.0-alpha, src/*/tracing.js: exporter-trace-otlp-grpc 0.27; service name: opentelemetry-js PR 2227",
  },
  python: {
    reads: [...resource, ...endpoints],
    protocols: ["grpc"],
    source: "opentelemetry-demo v0.1.0-alpha, src/*/*.py: exporter-otlp-proto-grpc 1.9 is built in by code",
  },
  ruby: {
    reads: [...resource, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
    protocols: ["http/protobuf"],
    source:
      "opentelemetry-demo v0.1.0-alpha, docker-compose.yml and Gemfile.lock: exporter-otlp 0.21 takes the whole URL; service name: opentelemetry-ruby PR 806",
  },
  dotnet: {
    reads: [...resource, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    protocols: ["grpc", "http/protobuf"],
    source:
      "opentelemetry-dotnet PR 2188 and issue 4154: no traces-specific endpoint in Exporter.OpenTelemetryProtocol 1.2",
  },
} as const satisfies Record<string, Sdk>;

/**
 * The variables that make an SDK send to a destination: those that it reads, always with the protocol where
 * it reads that. `undefined` if nothing that it reads leads there.
 *
 * OTLP/gRPC is preferred, as in the documents.
 */
export function telemetryVariables(
  sdk: Sdk,
  { serviceName, version }: { readonly serviceName: string; readonly version?: string | undefined },
  destination: Destination,
): Partial<Record<OtelVariable, string>> | undefined {
  const protocol = (["grpc", "http/protobuf"] as const).find((one) => canSend(sdk, one, destination));
  if (protocol === undefined) return undefined;
  const wanted: Record<OtelVariable, string | undefined> = {
    OTEL_SERVICE_NAME: serviceName,
    OTEL_RESOURCE_ATTRIBUTES: version === undefined ? undefined : `service.version=${version}`,
    // Of the two endpoints the traces' own is taken as it is; to the general one some SDKs append a path.
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT:
      protocol === "grpc" ? endpointUrl(destination, protocol) : tracesUrl(destination),
    OTEL_EXPORTER_OTLP_ENDPOINT: sdk.reads.includes("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
      ? undefined
      : endpointUrl(destination, protocol),
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    // Nothing here takes metrics or logs: an agent that sends them logs an error a minute.
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
  };
  return Object.fromEntries(
    otelVariables
      .filter((name) => sdk.reads.includes(name))
      .flatMap((name) => (wanted[name] === undefined ? [] : [[name, wanted[name]]])),
  );
}

/**
 * The part of an environment that an SDK reads, with its built-in protocol where that says none: what another
 * SDK has to be given to send where this one would.
 */
export function readBy(sdk: Sdk, environment: Readonly<Record<string, string>>): Record<string, string> {
  const read = Object.fromEntries(
    Object.entries(environment).filter(([name]) => (sdk.reads as readonly string[]).includes(name)),
  );
  return { OTEL_EXPORTER_OTLP_PROTOCOL: sdk.protocols[0], ...read };
}

function canSend(sdk: Sdk, protocol: OtlpProtocol, destination: Destination): boolean {
  if (destination.endpoints[protocol] === undefined || !sdk.protocols.includes(protocol)) return false;
  const [builtIn] = sdk.protocols;
  if (protocol !== builtIn && !sdk.reads.includes("OTEL_EXPORTER_OTLP_PROTOCOL")) return false;
  return (
    protocolsWithBaseUrl(destination).includes(protocol) ||
    sdk.reads.includes("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
  );
}

/** Whether a destination's host is only known with the variable `HOST_IP` before it. */
export function needsHostIp({ host }: Destination): boolean {
  return host === nodeHost;
}
