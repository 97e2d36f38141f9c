import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import { decodeStrictly } from "./protobuf.ts";

/**
 * An attribute's value as JSON has it: int64 beyond 2^53 as a decimal string, bytes in base64, unset as null.
 */
export type AttributeValue =
  string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Record<string, AttributeValue>;

/**
 * One span of an OTLP export, flattened: what its resource and scope say stands beside it. Ids are lower-case
 * hex.
 */
export interface Span {
  traceId: string;
  spanId: string;
  /** Empty for a root span. */
  parentSpanId: string;
  name: string;
  kind: SpanKind;
  /** Nanoseconds since 1970 as decimal text, which JSON numbers could not hold. */
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  statusCode: "UNSET" | "OK" | "ERROR";
  /** Absent where it is empty. */
  statusMessage?: string;
  resource: Attributes;
  attributes: Attributes;
  scope: string;
  links: { traceId: string; spanId: string }[];
}

const spanKinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"] as const;
export type SpanKind = (typeof spanKinds)[number];

const { root } = protobuf
  .parse(readFileSync(new URL("otlp-trace.proto", import.meta.url), "utf8"))
  .root.resolveAll();
const tracesDataType = root.lookupType("otlp.TracesData");
/** What a value of an attribute is on the wire. */
export const anyValueType = root.lookupType("otlp.AnyValue");

/** A decoded export, fields as in otlp-trace.proto. */
export interface TracesData {
  resourceSpans?: {
    resource?: { attributes?: KeyValue[] };
    scopeSpans?: { scope?: { name?: string }; spans?: WireSpan[] }[];
  }[];
}
interface WireSpan {
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  parentSpanId?: Uint8Array;
  name?: string;
  kind?: number;
  startTimeUnixNano?: bigint;
  endTimeUnixNano?: bigint;
  attributes?: KeyValue[];
  links?: { traceId?: Uint8Array; spanId?: Uint8Array }[];
  status?: { code?: number; message?: string };
}
export interface KeyValue {
  key?: string;
  value?: AnyValue;
}
export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: bigint;
  doubleValue?: number;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
  bytesValue?: Uint8Array;
}

/**
 * The export in `bytes`, as strict as DeepFlow's agent reads it.
 *
 * @throws Error when the bytes are not a TracesData message.
 */
export function decodeTraces(bytes: Uint8Array): TracesData {
  return decodeStrictly(tracesDataType, bytes);
}

/**
 * Does what DeepFlow's agent does to every export: a resource without `app.host.ip` gets the sender's
 * address, but only as long as no resource of this export has brought one. The agent keeps that in one flag
 * outside its loop and never resets it (deepflow agent/src/integration_collector.rs, decode_otel_trace_data),
 * so a mixed export is tagged in part with the Collector's address and in part not at all.
 */
export function fillHostAddress(traces: TracesData, peerAddress: string): void {
  let seen = false;
  for (const { resource } of traces.resourceSpans ?? []) {
    if (resource === undefined) continue;
    resource.attributes ??= [];
    seen ||= resource.attributes.some((attribute) => attribute.key === "app.host.ip");
    if (!seen) resource.attributes.push({ key: "app.host.ip", value: { stringValue: peerAddress } });
  }
}

/**
 * What DeepFlow's agent panics on: it is built with `panic = "abort"` (agent/Cargo.toml), so its process
 * ends.
 */
export class SpanKindPanic extends Error {}

/**
 * Looks for what DeepFlow's agent unwraps without a look (agent/src/integration_collector.rs, fill_l7_stats).
 *
 * @throws SpanKindPanic for a span kind outside the protocol's six.
 */
export function assertSpanKinds(traces: TracesData): void {
  for (const { scopeSpans = [] } of traces.resourceSpans ?? []) {
    for (const { spans = [] } of scopeSpans) {
      for (const { kind = 0 } of spans) {
        if (spanKinds[kind] === undefined) {
          throw new SpanKindPanic(`${kind} is no span kind; the protocol has 0 to 5.`);
        }
      }
    }
  }
}

/** The spans of an export that has no other span kinds than the protocol's, one after the other. */
export function spansOf(traces: TracesData): Span[] {
  return (traces.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const resourceAttributes = attributesOf(resource?.attributes);
    return scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name ?? "",
        kind: spanKinds[span.kind ?? 0] ?? "UNSPECIFIED",
        startTimeUnixNano: (span.startTimeUnixNano ?? 0n).toString(),
        endTimeUnixNano: (span.endTimeUnixNano ?? 0n).toString(),
        statusCode: (["UNSET", "OK", "ERROR"] as const)[span.status?.code ?? 0] ?? "UNSET",
        ...(span.status?.message ? { statusMessage: span.status.message } : {}),
        resource: resourceAttributes,
        attributes: attributesOf(span.attributes),
        scope: scope?.name ?? "",
        links: (span.links ?? []).map((link) => ({ traceId: hex(link.traceId), spanId: hex(link.spanId) })),
      })),
    );
  });
}

/**
 * The pairs that `attributes` came from, as far as JSON still has them: a whole number counts as an integer,
 * and a key given twice, the place of a key that is a number, and bytes are lost.
 */
export function keyValuesOf(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }));
}

function anyValueOf(value: AttributeValue): AnyValue {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Number.isSafeInteger(value)) return { intValue: BigInt(value as number) };
  if (typeof value === "number") return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValueOf) } };
  return { kvlistValue: { values: keyValuesOf(value) } };
}

function attributesOf(pairs: KeyValue[] = []): Attributes {
  return Object.fromEntries(pairs.map(({ key = "", value }) => [key, valueOf(value)]));
}

function valueOf(value: AnyValue = {}): AttributeValue {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (stringValue !== undefined) return stringValue;
  if (boolValue !== undefined) return boolValue;
  if (intValue !== undefined) {
    return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : intValue.toString();
  }
  if (doubleValue !== undefined) return Number.isFinite(doubleValue) ? doubleValue : String(doubleValue);
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(valueOf);
  if (kvlistValue !== undefined) return attributesOf(kvlistValue.values);
  if (bytesValue !== undefined) return Buffer.from(bytesValue).toString("base64");
  return null;
}

function hex(bytes?: Uint8Array): string {
  return Buffer.from(bytes ?? []).toString("hex");
}
