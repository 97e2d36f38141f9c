/** From and to, in seconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Numbers in `signal_source` (deepflow `server/libs/datatype/flow.go`). */
export const signalSources = { network: 0, eBPF: 3, OpenTelemetry: 4 } as const;

const table = "l7_flow_log";
const isOpenTelemetry = `signal_source=${signalSources.OpenTelemetry}`;

/** How many OpenTelemetry spans there are at all; column `spans`. */
export function countSpans(range: TimeRange): string {
  return `SELECT Count(row) AS spans FROM ${table} WHERE ${within(range)} AND ${isOpenTelemetry}`;
}

/** Spans of a namespace by `signal_source`; column `spans`. */
export function countSpansBySource(range: TimeRange, namespace: string): string {
  return `SELECT signal_source, Count(row) AS spans FROM ${table} WHERE ${within(range)} AND ${isOf(namespace)} GROUP BY signal_source`;
}

/** OpenTelemetry spans of a namespace by `app_service`; column `spans`. */
export function countSpansByService(range: TimeRange, namespace: string): string {
  return `SELECT app_service, Count(row) AS spans FROM ${table} WHERE ${within(range)} AND ${isOpenTelemetry} AND ${isOf(namespace)} GROUP BY app_service`;
}

/** Of OpenTelemetry spans those that no pod was found for. */
export const untagged = "pod_ns_id_0=0 AND pod_ns_id_1=0";

/** A row is two-sided: a server's span has a namespace on side 1 alone, a client's on side 0. */
export function isOf(namespace: string): string {
  return `(pod_ns_0=${text(namespace)} OR pod_ns_1=${text(namespace)})`;
}

/** How many OpenTelemetry spans a condition holds for; column `spans`. */
export function countWhere(range: TimeRange, condition: string): string {
  return `${countSpans(range)} AND ${condition}`;
}

/** Some of the OpenTelemetry spans that a condition holds for, with what k8sattributes wrote into them. */
export function sampleWhere(range: TimeRange, condition: string): string {
  return `SELECT app_service, \`attribute.app.host.ip\`, \`attribute.k8s.namespace.name\`, ip_0, ip_1 FROM ${table} WHERE ${within(range)} AND ${isOpenTelemetry} AND ${condition} LIMIT 100`;
}

/** Ids of traces that have an OpenTelemetry span of a namespace, or of any. */
export function traceIds(range: TimeRange, namespace?: string): string {
  const of = namespace === undefined ? "" : ` AND ${isOf(namespace)}`;
  return `SELECT trace_id, Count(row) AS spans FROM ${table} WHERE ${within(range)} AND ${isOpenTelemetry}${of} AND trace_id!='' GROUP BY trace_id LIMIT 100`;
}

function within({ from, to }: TimeRange): string {
  return `time>=${from} AND time<=${to}`;
}

/** Names of Kubernetes have no quotes; anything else is not put into a query. */
function text(name: string): string {
  if (!/^[-.\w]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a namespace.`);
  return `'${name}'`;
}
