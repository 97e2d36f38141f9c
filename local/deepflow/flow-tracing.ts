import type { FlowRow } from "./flow-row.ts";

/** A span of a trace as deepflow-app returns it, as far as it is told of here. */
export interface TracingSpan {
  readonly id: number;
  /** -1 for a root. */
  readonly parent_id: number;
  readonly signal_source: number;
  readonly tap_side: string;
  /** Microseconds since 1970. */
  readonly start_time_us: number;
  readonly end_time_us: number;
  readonly trace_id: string;
  readonly span_id: string;
  readonly endpoint: string;
  readonly request_type: string;
  readonly request_resource: string;
  readonly response_status: number;
  readonly l7_protocol_str: string;
  readonly app_service: string;
  /** Name of what has the address, such as the pod. */
  readonly auto_instance: string;
  readonly ip: string;
  readonly attribute: Readonly<Record<string, string>> | null;
}

/** Rows of one request from the client's span to the server's. */
const order = ["c-app", "c-p", "c", "s", "s-p", "s-app"];

/**
 * The spans of a trace with their parents: of one request each observation point is the child of the one
 * before it, and else a span's parent is the one that it names.
 */
export function traceOf(rows: readonly FlowRow[], traceId: string, withAttributes: boolean): TracingSpan[] {
  const spans = rows.filter((row) => row.traceId === traceId).sort((a, b) => a.startTimeUs - b.startTimeUs);
  return spans.map((row, id) => ({
    id,
    parent_id: parentOf(row, spans),
    signal_source: row.signalSource,
    tap_side: row.tapSide,
    start_time_us: row.startTimeUs,
    end_time_us: row.endTimeUs,
    trace_id: row.traceId,
    span_id: row.spanId,
    endpoint: row.endpoint,
    request_type: row.requestType,
    request_resource: row.requestResource,
    response_status: row.responseStatus,
    l7_protocol_str: row.bizProtocol,
    app_service: row.appService,
    auto_instance: (row.tapSide.startsWith("c") ? row.tags0.pod : row.tags1.pod) ?? "",
    ip: (row.tapSide.startsWith("c") ? row.ip0 : row.ip1) ?? "",
    attribute: withAttributes ? Object.fromEntries(row.attributes) : null,
  }));
}

function parentOf(row: FlowRow, spans: readonly FlowRow[]): number {
  // An observed row has the id of the client's span; a server's span names it as its parent.
  const request = row.signalSource === 4 ? row.parentSpanId : row.spanId;
  if (request === "") return -1;
  const place = row.signalSource === 4 && row.tapSide !== "s-app" ? 1 : order.indexOf(row.tapSide);
  for (const tapSide of order.slice(0, place).reverse()) {
    const parent = spans.findIndex((other) => other.tapSide === tapSide && other.spanId === request);
    if (parent >= 0) return parent;
  }
  return spans.findIndex((other) => other.signalSource === 4 && other.spanId === request);
}
