import type { FlowRow, SignalSource } from "./flow-row.ts";

/** Where a request is seen between two spans, on its way from the client to the server. */
const observationPoints: readonly { tapSide: string; signalSource: SignalSource }[] = [
  { tapSide: "c-p", signalSource: 3 },
  { tapSide: "c", signalSource: 0 },
  { tapSide: "s", signalSource: 0 },
  { tapSide: "s-p", signalSource: 3 },
];

/**
 * What deepflow-agents on real nodes would have seen of the requests that these spans tell of, by eBPF in
 * both processes and on the network at both pods. Here no agent sees anything: the rows are made up from each
 * client span that a server span has as its parent, with times between those of the two.
 */
export function observedRows(spans: readonly FlowRow[]): FlowRow[] {
  const clients = new Map(
    spans.filter(({ tapSide }) => tapSide === "c-app").map((row) => [`${row.traceId} ${row.spanId}`, row]),
  );
  return spans
    .filter(({ tapSide }) => tapSide === "s-app")
    .flatMap((server) => {
      const client = clients.get(`${server.traceId} ${server.parentSpanId}`);
      return client === undefined ? [] : observationPoints.map((_, index) => observed(client, server, index));
    });
}

function observed(client: FlowRow, server: FlowRow, index: number): FlowRow {
  const part = (index + 1) / (observationPoints.length + 1);
  const between = (from: number, to: number): number => Math.round(from + (to - from) * part);
  return {
    ...server,
    ...observationPoints[index],
    // Of a traceparent header eBPF reads the trace and the span that sent it.
    ...{ spanId: client.spanId, parentSpanId: "" },
    ...(client.ip0 !== undefined && { ip0: client.ip0 }),
    ...{ tags0: client.tags0, tags1: server.tags1, appService: "", appInstance: "" },
    ...{ attributes: [], metrics: [] },
    startTimeUs: between(client.startTimeUs, Math.max(client.startTimeUs, server.startTimeUs)),
    endTimeUs: between(client.endTimeUs, Math.min(client.endTimeUs, server.endTimeUs)),
  };
}
