import { callGraph } from "../../components/demo/call-graph.ts";
import { rows, serviceNameOf, type Demo } from "../../components/demo/table.ts";
import type { DemoReport } from "../../local/report/demo-report.ts";
import type { TracingSpan } from "../deepflow/app.ts";
import { signalSources } from "../deepflow/queries.ts";
import type { FoundTrace } from "../steps/trace.ts";

type DrawnSpan = DemoReport["trace"][number];

/** What is drawn of a trace: its spans, the services that they are of, and their calls. */
export type TraceReport = Pick<DemoReport, "title" | "services" | "edges" | "trace">;

/** What a span is, by the side that it was observed at (deepflow `server/libs/flow-metrics`, tap_side). */
const kinds: Readonly<Record<string, DrawnSpan["kind"]>> = {
  "c-app": "CLIENT",
  "s-app": "SERVER",
  "c-p": "CLIENT",
  "s-p": "SERVER",
};

/** Values of `response_status` that are errors: of the server, of the client. */
const errors = [3, 4];

/** A trace of DeepFlow's as figures draw it; a demo's services have the names and languages of its table. */
export function traceReport({ traceId, spans }: FoundTrace, demo: Demo | undefined): TraceReport {
  const nameOf = (span: TracingSpan) => serviceOf(span, demo);
  return {
    title: demo?.title ?? "the stack",
    services: servicesOf(spans, nameOf, demo),
    edges: callsOf(spans, nameOf, demo),
    trace: spans.map((span) => drawn(span, traceId, nameOf(span))),
  };
}

/** The service that a span is of: by its name, else by the pod that it was observed at. */
function serviceOf({ app_service, auto_instance, ip }: TracingSpan, demo: Demo | undefined): string {
  const found =
    demo && rows(demo).filter((row) => (app_service ? serviceNameOf(row) === app_service : ofPod(row.name)));
  function ofPod(name: string): boolean {
    return auto_instance === name || (auto_instance?.startsWith(`${name}-`) ?? false);
  }
  // Of names that begin alike the longest is meant.
  const [row] = (found ?? []).toSorted((a, b) => b.name.length - a.name.length);
  return row?.name ?? (app_service || auto_instance || ip || "(unknown)");
}

function servicesOf(
  spans: readonly TracingSpan[],
  nameOf: (span: TracingSpan) => string,
  demo: Demo | undefined,
): DemoReport["services"] {
  return [...Map.groupBy(spans, nameOf)].map(([name, own]) => {
    const openTelemetry = own.filter((span) => span.signal_source === signalSources.OpenTelemetry);
    const row = demo && rows(demo).find((one) => one.name === name);
    const addresses = [...new Set(own.flatMap(({ ip }) => ip ?? []))];
    const pod = own.find((span) => span.auto_instance)?.auto_instance ?? "unknown";
    const numbers = Object.entries(signalSources).map(
      ([source, number]) => `${own.filter((span) => span.signal_source === number).length} ${source}`,
    );
    return {
      name,
      ...(openTelemetry.length > 0 && { serviceName: name }),
      language: row?.service.language ?? "unknown",
      ...{ pod, node: "", podIp: addresses.join(", ") },
      ...{ sent: own.length, received: own.length, appHostIps: addresses },
      tip: [name, `pod ${pod}, ${addresses.join(", ")}`, `${numbers.join(", ")} spans in this trace`].join(
        "\n",
      ),
    };
  });
}

/** A span whose parent is another service's is a call; of one call there are several, and all count once. */
function callsOf(
  spans: readonly TracingSpan[],
  nameOf: (span: TracingSpan) => string,
  demo: Demo | undefined,
): DemoReport["edges"] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const calls = spans.flatMap((span) => {
    const parent = byId.get(span.parent_id);
    if (parent === undefined || nameOf(parent) === nameOf(span)) return [];
    return [{ from: nameOf(parent), to: nameOf(span), protocol: span.l7_protocol_str || "call" }];
  });
  const expected = demo ? callGraph(demo) : [];
  return [...Map.groupBy(calls, ({ from, to }) => `${from} → ${to}`).values()].flatMap((same) => {
    const [call] = same;
    if (call === undefined) return [];
    const edge = expected.find(({ from, to }) => from === call.from && to === call.to);
    return [
      {
        ...call,
        protocol: (edge?.protocol ?? call.protocol).toLowerCase(),
        state: "seen" as const,
        calls: same.length,
      },
    ];
  });
}

function drawn(span: TracingSpan, traceId: string, service: string): DrawnSpan {
  const source = Object.entries(signalSources).find(([, number]) => number === span.signal_source)?.[0];
  const name =
    span.endpoint || [span.request_type, span.request_resource].filter(Boolean).join(" ") || "request";
  return {
    traceId,
    spanId: String(span.id),
    parentSpanId: span.parent_id < 0 ? "" : String(span.parent_id),
    name: source === "OpenTelemetry" ? name : `${name} (${source ?? "unknown"}, ${span.tap_side})`,
    kind: kinds[span.tap_side] ?? "INTERNAL",
    startTimeUnixNano: nanoseconds(span.start_time_us),
    endTimeUnixNano: nanoseconds(span.end_time_us),
    statusCode: errors.includes(span.response_status ?? 0) ? "ERROR" : "UNSET",
    resource: { "service.name": service, "app.host.ip": span.ip ?? "" },
    attributes: {
      "signal source": source ?? span.signal_source,
      "observed at": span.tap_side,
      ...(span.auto_instance && { instance: span.auto_instance }),
      ...attributesOf(span.attribute),
    },
    scope: "",
    links: [],
  };
}

/** Attributes come as a map, or as its JSON. */
function attributesOf(attribute: unknown): DrawnSpan["attributes"] {
  const value = typeof attribute === "string" ? parsed(attribute) : attribute;
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nanoseconds(microseconds: number): string {
  return (BigInt(Math.round(microseconds)) * 1000n).toString();
}
