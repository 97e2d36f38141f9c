import {
  endpointUrl,
  nodeHost,
  protocolsWithBaseUrl,
  tracesUrl,
  type Destination,
  type OtlpProtocol,
} from "../destination.ts";

/** What an SDK reads of the resource, whatever its exporter. */
export const resourceVariables = ["OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"] as const;

/** Where an exporter sends to: in general, and for traces alone. */
export const endpointVariables = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
] as const;

/** Which exporters an SDK that configures itself has. */
export const exporterVariables = [
  "OTEL_TRACES_EXPORTER",
  "OTEL_METRICS_EXPORTER",
  "OTEL_LOGS_EXPORTER",
] as const;

/** The `OTEL_*` variables that an application is given, in the order in which they are written. */
export const otelVariables = [
  ...resourceVariables,
  ...endpointVariables,
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  ...exporterVariables,
] as const;

export type OtelVariable = (typeof otelVariables)[number];

/** An OpenTelemetry SDK as an application has it built in: what it reads, and what it can speak. */
export interface Sdk {
  /** The variables that it really reads; any other is ignored without a word. */
  readonly reads: readonly OtelVariable[];
  /** What its exporter can speak. The first is built in: it applies where no variable says otherwise. */
  readonly protocols: readonly [OtlpProtocol, ...OtlpProtocol[]];
  /** Where this is from. */
  readonly source: string;
}

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
  const protocol = protocolTo(sdk, destination);
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

/** The protocol in which an SDK sends to a destination; `undefined` if its variables cannot lead there. */
export function protocolTo(sdk: Sdk, destination: Destination): OtlpProtocol | undefined {
  return (["grpc", "http/protobuf"] as const).find((one) => canSend(sdk, one, destination));
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

/** The variable that a destination's host is known by, before all others; none where the host is a name. */
export function hostIp({ host }: Destination): { readonly HOST_IP?: { readonly fieldPath: string } } {
  return host === nodeHost ? { HOST_IP: { fieldPath: "status.hostIP" } } : {};
}
