import type { Destination, OtlpProtocol } from "../destination.ts";
import { envVar, type Value } from "../env-var.ts";
import {
  endpointVariables,
  exporterVariables,
  hostIp,
  otelVariables,
  protocolTo,
  resourceVariables,
  telemetryVariables,
  type OtelVariable,
  type Sdk,
} from "./sdk.ts";

/** One way in which applications of a language come by an SDK. */
export interface Instrumentation extends Sdk {
  /** What a person calls it. */
  readonly name: string;
  /** How an application gets it, a sentence. */
  readonly setup: string;
  /** Further variables that it needs. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A language, with its ways in the order in which they are preferred. */
export interface Language {
  readonly title: string;
  readonly instrumentations: readonly [Instrumentation, ...Instrumentation[]];
}

const operatorSetup =
  'The Operator injects an SDK into pods with an annotation such as `instrumentation.opentelemetry.io/inject-java: "true"`, and names the service after the pod\'s workload.';

/**
 * SDKs of today, as applications of one's own have them. Those of the demos are older
 * (components/demo/sdk.ts).
 */
export const languages = {
  java: {
    title: "Java",
    instrumentations: [
      {
        name: "the OpenTelemetry Java agent, version 2",
        setup:
          "Put opentelemetry-javaagent.jar into the image, and add `-javaagent:/path/to/opentelemetry-javaagent.jar` to JAVA_TOOL_OPTIONS.",
        reads: otelVariables,
        protocols: ["http/protobuf", "grpc"],
        source:
          "opentelemetry-java-instrumentation CHANGELOG 2.0.0: the default protocol is now http/protobuf",
      },
    ],
  },
  go: {
    title: "Go",
    instrumentations: [
      {
        name: "the exporter otlptracegrpc",
        setup: "`otlptracegrpc.New(ctx)` without options, in a TracerProvider with `resource.Default()`.",
        reads: [...resourceVariables, ...endpointVariables],
        protocols: ["grpc"],
        source: "opentelemetry-go, exporters/otlp/otlptrace/otlptracegrpc: the protocol is compiled in",
      },
      {
        name: "the exporter otlptracehttp",
        setup: "`otlptracehttp.New(ctx)` without options, in a TracerProvider with `resource.Default()`.",
        reads: [...resourceVariables, ...endpointVariables],
        protocols: ["http/protobuf"],
        source: "opentelemetry-go, exporters/otlp/otlptrace/otlptracehttp: the protocol is compiled in",
      },
    ],
  },
  dotnet: {
    title: ".NET",
    instrumentations: [
      {
        name: "AddOtlpExporter",
        setup: "`AddOtlpExporter()` without options, of OpenTelemetry.Exporter.OpenTelemetryProtocol.",
        reads: [...resourceVariables, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"],
        protocols: ["grpc", "http/protobuf"],
        source:
          "opentelemetry-dotnet, README of OpenTelemetry.Exporter.OpenTelemetryProtocol: variables by extension method; the default protocol is Grpc",
      },
      {
        name: "UseOtlpExporter",
        setup:
          "`UseOtlpExporter()` without options, of OpenTelemetry.Exporter.OpenTelemetryProtocol 1.8 or newer.",
        reads: [...resourceVariables, ...endpointVariables, "OTEL_EXPORTER_OTLP_PROTOCOL"],
        protocols: ["grpc", "http/protobuf"],
        source:
          "opentelemetry-dotnet, README of OpenTelemetry.Exporter.OpenTelemetryProtocol: it alone reads the variables of one signal",
      },
    ],
  },
  nodejs: {
    title: "Node.js",
    instrumentations: [
      {
        name: "the Node SDK",
        setup:
          "Install @opentelemetry/auto-instrumentations-node, and add `--require @opentelemetry/auto-instrumentations-node/register` to NODE_OPTIONS.",
        reads: otelVariables,
        protocols: ["http/protobuf", "grpc"],
        source:
          "opentelemetry-js, experimental/packages/opentelemetry-sdk-node, README: http/protobuf is the default",
      },
    ],
  },
  python: {
    title: "Python",
    instrumentations: [
      {
        name: "the Python distro",
        setup:
          "Install opentelemetry-distro and opentelemetry-exporter-otlp, and start the program by `opentelemetry-instrument`.",
        reads: otelVariables,
        protocols: ["grpc", "http/protobuf"],
        source:
          "opentelemetry-python-contrib, opentelemetry-distro: OTEL_EXPORTER_OTLP_PROTOCOL is grpc by default",
      },
    ],
  },
  ruby: {
    title: "Ruby",
    instrumentations: [
      {
        name: "the gem opentelemetry-exporter-otlp",
        setup:
          "Add the gems opentelemetry-sdk and opentelemetry-exporter-otlp, and call `OpenTelemetry::SDK.configure`.",
        reads: [...resourceVariables, ...endpointVariables, "OTEL_TRACES_EXPORTER"],
        protocols: ["http/protobuf"],
        source:
          "opentelemetry-ruby, exporter/otlp: it speaks OTLP/HTTP alone, and appends v1/traces to the general endpoint",
      },
    ],
  },
  php: {
    title: "PHP",
    instrumentations: [
      {
        name: "the SDK's autoloading",
        setup:
          "Require open-telemetry/sdk and open-telemetry/exporter-otlp. (OTLP/gRPC would need the extension grpc besides.)",
        reads: otelVariables,
        protocols: ["http/protobuf"],
        source:
          "opentelemetry.io, PHP SDK: OTEL_PHP_AUTOLOAD_ENABLED; open-telemetry/exporter-otlp, README: gRPC needs another package",
        variables: { OTEL_PHP_AUTOLOAD_ENABLED: "true" },
      },
    ],
  },
  operator: {
    title: "OpenTelemetry Operator",
    instrumentations: [
      {
        name: "the resource Instrumentation, for every language",
        setup: operatorSetup,
        // Not all that it injects read the endpoint for traces, and Python's image has OTLP/HTTP alone.
        reads: ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", ...exporterVariables],
        protocols: ["http/protobuf"],
        source:
          "opentelemetry-operator, internal/instrumentation/python.go: http/protobuf is what that image supports",
      },
      {
        name: "the resource Instrumentation, for SDKs that read the endpoint for traces",
        setup: operatorSetup,
        reads: [...endpointVariables, "OTEL_EXPORTER_OTLP_PROTOCOL", ...exporterVariables],
        protocols: ["http/protobuf"],
        source: "opentelemetry-operator, docs/api: spec.env is given to every container that it instruments",
      },
    ],
  },
} as const satisfies Record<string, Language>;

export type LanguageName = keyof typeof languages;

/** How one instrumentation of a language sends to a destination. */
export interface Connection {
  readonly instrumentation: Instrumentation;
  readonly protocol: OtlpProtocol;
  /** The container's variables, in the order that they need. */
  readonly variables: Readonly<Record<string, Value>>;
}

/** How applications of a language send to a destination. */
export interface Connections {
  /** Those that can; none whose application an earlier one's variables serve as well. */
  readonly able: readonly Connection[];
  /** Those of which no variable leads there. */
  readonly unable: readonly Instrumentation[];
}

/** How applications of a language, named `serviceName`, send to a destination. */
export function connectionsOf(
  { instrumentations }: Language,
  serviceName: string,
  destination: Destination,
): Connections {
  const able: Connection[] = [];
  const unable: Instrumentation[] = [];
  for (const instrumentation of instrumentations) {
    const protocol = protocolTo(instrumentation, destination);
    const telemetry = telemetryVariables(instrumentation, { serviceName }, destination);
    if (protocol === undefined || telemetry === undefined) {
      unable.push(instrumentation);
    } else if (!able.some((earlier) => serves(earlier, instrumentation))) {
      const variables = { ...hostIp(destination), ...instrumentation.variables, ...telemetry };
      able.push({ instrumentation, protocol, variables });
    }
  }
  return { able, unable };
}

/** Whether the variables of one are right for the application of another. */
function serves({ variables, protocol }: Connection, other: Instrumentation): boolean {
  return (
    other.protocols.includes(protocol) &&
    Object.keys(variables).every(
      (name) => !name.startsWith("OTEL_") || other.reads.includes(name as OtelVariable),
    )
  );
}

/** A container's variables as Kubernetes takes them. */
export function containerEnv({ variables }: Connection) {
  return Object.entries(variables).map(([name, value]) => envVar(name, value));
}
