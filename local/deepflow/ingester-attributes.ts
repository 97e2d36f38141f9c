import { isIP } from "node:net";
import { unmapIPv4 } from "../cluster/node/sender.ts";
import type { L7FlowLog } from "./l7-flow-log.ts";
import type { AnyValue } from "./otlp.ts";
import { valueText } from "./protobuf-text.ts";

// Which attributes fill which column: deepflow server/ingester/flow_log/log_data/otel_import.go,
// fillAttributes.

/** Columns that an attribute of a span fills if its value is a text, and empties if not. */
const textColumns: Readonly<
  Record<string, "bizProtocol" | "version" | "requestType" | "requestDomain" | "requestResource">
> = {
  ...named("bizProtocol", "http.scheme", "db.system", "rpc.system", "messaging.system", "messaging.protocol"),
  ...named("version", "http.flavor"),
  ...named("requestType", "http.method", "db.operation", "rpc.method"),
  ...named("requestDomain", "http.host", "db.connection_string"),
  ...named("requestResource", "http.target", "db.statement", "messaging.url", "rpc.service"),
};

/** Columns that an attribute of a span fills whatever its value. */
const anyColumns: Readonly<Record<string, "traceId" | "spanId" | "parentSpanId">> = {
  ...named("traceId", "sw8.trace_id"),
  ...named("spanId", "sw8.span_id"),
  ...named("parentSpanId", "sw8.parent_span_id"),
};

/** Columns that an attribute of a span fills if its value is an integer, and sets to 0 if not. */
const lengthColumns: Readonly<Record<string, "requestLength" | "responseLength" | "sqlAffectedRows">> = {
  ...named("requestLength", "http.request_content_length"),
  ...named("responseLength", "http.response_content_length"),
  ...named("sqlAffectedRows", "db.cassandra.page_size"),
};

function named<Column extends string>(column: Column, ...attributes: string[]): Record<string, Column> {
  return Object.fromEntries(attributes.map((attribute) => [attribute, column]));
}

/** Attributes of a span that are stored as numbers, not as texts. */
export const metricNames = new Set([
  ...Object.keys(lengthColumns),
  ...["message.uncompressed_size", "messaging.message_payload_size_bytes"],
  "messaging.message_payload_compressed_size_bytes",
  ...["LCP", "TTFB", "FCP", "INP", "CLS"].map((vital) => `web.vitals.${vital}.value`),
]);

/** What is read of the attributes that fills no column by itself. */
export interface Read {
  httpUrl: string;
  /** SkyWalking's segment, which its span ids count in. */
  segmentId: string;
  /** Whether `network.peer.address` was there, which is read in preference to `net.peer.ip`. */
  hasPeerAddress: boolean;
  addresses: { host?: string; peer?: string };
}

/** Reads an attribute of a span; false where it is not stored either. */
export function readSpanAttribute(log: L7FlowLog, read: Read, key: string, value: AnyValue): boolean {
  const { stringValue: text = "", intValue = 0n } = value;
  const [textColumn, anyColumn, lengthColumn] = [textColumns[key], anyColumns[key], lengthColumns[key]];
  if (textColumn !== undefined) log[textColumn] = text;
  if (anyColumn !== undefined) log[anyColumn] = valueText(value);
  if (lengthColumn !== undefined) log[lengthColumn] = Number(intValue);
  switch (key) {
    case "net.transport":
      if (text.includes("tcp")) log.protocol = 6;
      else if (text.includes("udp")) log.protocol = 17;
      break;
    case "net.peer.ip":
    case "network.peer.address":
      if (read.hasPeerAddress || !isAddress(text)) return false;
      read.hasPeerAddress = key === "network.peer.address";
      read.addresses.peer = unmapIPv4(text);
      break;
    case "http.status_code":
      log.responseCode = integerOf(valueText(value));
      break;
    case "http.url":
      read.httpUrl = text;
      break;
    case "sw8.segment_id":
      read.segmentId = valueText(value);
  }
  return true;
}

/** Reads an attribute of a resource; false where it is not stored either. */
export function readResourceAttribute(log: L7FlowLog, read: Read, key: string, value: AnyValue): boolean {
  switch (key) {
    case "service.name":
      log.appService = valueText(value);
      break;
    case "service.instance.id":
      log.appInstance = valueText(value);
      break;
    case "app.host.ip":
      if (!isAddress(value.stringValue ?? "")) return false;
      read.addresses.host = unmapIPv4(value.stringValue);
      break;
    case "sw8.trace_id":
      log.traceId = valueText(value);
  }
  return true;
}

/** As Go's net.ParseIP, which knows no zones. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%");
}

/** As Go's strconv.Atoi, which leaves 0 of what is no integer. */
function integerOf(text: string): number {
  return /^[+-]?\d+$/.test(text) ? Number(text) : 0;
}
