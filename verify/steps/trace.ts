import { count } from "../../local/replay/count.ts";
import type { TracingSpan } from "../deepflow/app.ts";
import { signalSources } from "../deepflow/queries.ts";
import type { Finding } from "../finding.ts";

/** A trace as DeepFlow puts it together. */
export interface FoundTrace {
  readonly traceId: string;
  readonly spans: readonly TracingSpan[];
}

type Source = keyof typeof signalSources;

/** Whether one of these traces has spans of all sources. */
export function judgeTraces(traces: readonly FoundTrace[]): Finding {
  const best = bestTrace(traces);
  if (traces.length === 0) {
    return {
      state: "failed",
      saw: "There is no trace to look at: no OpenTelemetry span with the stack's namespaces has a trace id.",
      means: "The spans that there are have other namespaces, or none: the steps before tell.",
      fix: "Do first what those steps say.",
      mayPass: true,
    };
  }
  if (best === undefined || best.spans.length === 0) {
    return {
      state: "failed",
      saw: `DeepFlow puts together nothing for ${count(traces.length, "trace")} of which it has OpenTelemetry spans.`,
      means: "deepflow-app does not find what the querier has.",
      fix: "Look at the log of deepflow-app: it says which queries failed.",
      mayPass: true,
    };
  }
  const numbers = (Object.keys(signalSources) as Source[]).map(
    (source) => [source, spansOf(best, source)] as const,
  );
  const list = numbers.map(([source, spans]) => `${spans} ${source}`).join(", ");
  const saw = `Trace ${best.traceId} has ${list} spans.`;
  const missing = numbers.filter(([, spans]) => spans === 0).map(([source]) => source);
  if (missing.length === 0) return { state: "passed", saw };
  return {
    state: "failed",
    saw: `${saw} It is the best of ${count(traces.length, "trace")}.`,
    means: missing.includes("OpenTelemetry")
      ? "DeepFlow's trace leaves out the OpenTelemetry spans that the querier has of it."
      : missing.length === 2
        ? "DeepFlow's own spans of these requests are in other traces, or there are none."
        : `There are no ${missing.join()} spans of these requests.`,
    fix:
      missing.length === 2
        ? "See in the step before which spans the namespace has. Where eBPF spans are there, see that the header that SDKs propagate is in the agents' processors.request_log.tag_extraction.tracing_tag.apm_trace_id (traceparent and sw8 by default; B3 is not)."
        : "See that deepflow-agents' pods are privileged, and that their kernel has what eBPF needs (DeepFlow's page on requirements); for network spans, that agents run on the nodes of both pods.",
    mayPass: true,
  };
}

/** The trace with spans of most sources, and of those the one with most spans. */
export function bestTrace(traces: readonly FoundTrace[]): FoundTrace | undefined {
  const rank = (trace: FoundTrace): number =>
    new Set(trace.spans.map((span) => span.signal_source)).size * 1e6 + trace.spans.length;
  return traces.toSorted((a, b) => rank(b) - rank(a))[0];
}

function spansOf({ spans }: FoundTrace, source: Source): number {
  return spans.filter((span) => span.signal_source === signalSources[source]).length;
}
