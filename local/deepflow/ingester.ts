import { STATUS_CODES } from "node:http";
import { metricNames, readResourceAttribute, readSpanAttribute } from "./ingester-attributes.ts";
import type { Read } from "./ingester-attributes.ts";
import type { L7FlowLog } from "./l7-flow-log.ts";
import { parseL7Protocol } from "./l7-protocol.ts";
import { keyValuesOf, spansOf } from "./otlp.ts";
import type { KeyValue, Span, SpanKind, TracesData } from "./otlp.ts";
import { valueText } from "./protobuf-text.ts";

const responseStatuses = { ok: 0, serverError: 3, clientError: 4, unknown: 5 };

const tapSides: Readonly<Record<SpanKind, L7FlowLog["tapSide"]>> = {
  UNSPECIFIED: "app",
  INTERNAL: "app",
  SERVER: "s-app",
  CLIENT: "c-app",
  PRODUCER: "c-app",
  CONSUMER: "s-app",
};

/** What DeepFlow's ingester makes of an export that an agent passed on, span by span. */
export function ingestTraces(traces: TracesData): L7FlowLog[] {
  const attributes = (traces.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({ own: span.attributes ?? [], resource: resource?.attributes ?? [] })),
    ),
  );
  return spansOf(traces).map((span, index) => {
    const { own, resource } = attributes[index] ?? { own: [], resource: [] };
    return ingest(span, own, resource);
  });
}

/**
 * What DeepFlow's ingester makes of a span (server/ingester/flow_log/log_data/otel_import.go at 2026e9de). Of
 * several attributes that fill one column the last wins. The parent that SkyWalking names in a link is not
 * read here.
 *
 * @param own the span's attributes as they were sent; by default what is left of them in `span`.
 * @param resource those of its resource.
 */
export function ingest(
  span: Span,
  own: readonly KeyValue[] = keyValuesOf(span.attributes),
  resource: readonly KeyValue[] = keyValuesOf(span.resource),
): L7FlowLog {
  const log: L7FlowLog = {
    ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId },
    ...{ tapSide: tapSides[span.kind], protocol: 6, endpoint: span.name },
    ...{ l7Protocol: 0, bizProtocol: "", isTls: 0, version: "" },
    ...{ requestType: "", requestDomain: "", requestResource: "" },
    ...{ responseStatus: responseStatuses.unknown, responseException: "" },
    ...{ appService: "", appInstance: "", attributes: [], metrics: [] },
  };
  const read: Read = { httpUrl: "", segmentId: "", hasPeerAddress: false, addresses: {} };
  for (const { key = "", value } of own) {
    if (value === undefined || !readSpanAttribute(log, read, key, value)) continue;
    if (metricNames.has(key)) log.metrics.push([key, Number(valueText(value)) || 0]);
    else log.attributes.push([key, valueText(value)]);
  }
  for (const { key = "", value } of resource) {
    if (value === undefined || !readResourceAttribute(log, read, key, value)) continue;
    log.attributes.push([key, valueText(value)]);
  }

  if (read.segmentId !== "") {
    log.spanId = `${read.segmentId}-${log.spanId}`;
    if (log.parentSpanId !== "") log.parentSpanId = `${read.segmentId}-${log.parentSpanId}`;
  }
  // Any attribute of HTTP makes it HTTP where nothing names a protocol.
  const isHttp = [...own, ...resource].some(
    ({ key, value }) => key?.startsWith("http") && value !== undefined,
  );
  if (isHttp && log.bizProtocol === "") log.bizProtocol = "HTTP";
  if (log.requestResource === "") log.requestResource = pathOf(read.httpUrl);
  return {
    ...log,
    ...parseL7Protocol(log.bizProtocol, log.version),
    ...addressesOf(read, log.tapSide),
    ...responseOf(span, log.responseCode),
  };
}

/** What follows the host in a URL, query included; empty for what is no URL. */
function pathOf(url: string): string {
  const [, rest = ""] = /:\/\/(.*)$/s.exec(url) ?? [];
  if (rest === "") return "";
  return rest.includes("/") ? rest.slice(rest.indexOf("/")) : "/";
}

/** A row is of one family: where either address is IPv6, an IPv4 one is not stored. */
function addressesOf(
  { addresses: { host, peer } }: Read,
  tapSide: L7FlowLog["tapSide"],
): Pick<L7FlowLog, "ip0" | "ip1"> {
  const isIPv6 = [host, peer].some((address) => address?.includes(":"));
  const [ip0, ip1] = (tapSide === "c-app" ? [host, peer] : [peer, host]).map((address) =>
    isIPv6 && !address?.includes(":") ? undefined : address,
  );
  return { ...(ip0 === undefined ? {} : { ip0 }), ...(ip1 === undefined ? {} : { ip1 }) };
}

/** The outcome by the HTTP status code where there is one, else by the span's status. */
function responseOf(
  { statusCode, statusMessage = "" }: Span,
  httpStatus = 0,
): Pick<L7FlowLog, "responseCode" | "responseStatus" | "responseException"> {
  if (httpStatus !== 0) {
    const isError = httpStatus >= 400 && httpStatus <= 600;
    const error = httpStatus < 500 ? responseStatuses.clientError : responseStatuses.serverError;
    return {
      responseStatus: isError ? error : responseStatuses.ok,
      responseException: isError ? (STATUS_CODES[httpStatus] ?? "") : "",
    };
  }
  switch (statusCode) {
    case "OK":
      return { responseCode: 1, responseStatus: responseStatuses.ok, responseException: "" };
    case "ERROR":
      return {
        responseCode: 2,
        responseStatus: responseStatuses.serverError,
        responseException: statusMessage,
      };
    case "UNSET":
      return { responseStatus: responseStatuses.unknown, responseException: "" };
  }
}
