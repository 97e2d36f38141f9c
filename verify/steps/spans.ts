import { count } from "../../local/replay/count.ts";
import type { QueryRow } from "../deepflow/querier.ts";
import { signalSources } from "../deepflow/queries.ts";
import type { Finding } from "../finding.ts";

/** What the querier has of a demo's namespace. */
export interface NamespaceSpans {
  readonly title: string;
  readonly namespace: string;
  /** Number of rows by `signal_source`. */
  readonly bySource: Readonly<Partial<Record<number, number>>>;
  /** `service.name` of the services that should send spans, and of those that did. */
  readonly expected: readonly string[];
  readonly seen: readonly string[];
}

/** What the querier has of the time that is looked at. */
export interface AskedSpans {
  /** OpenTelemetry spans of everybody. */
  readonly total: number;
  readonly namespaces: readonly NamespaceSpans[];
  /** Of what time, such as `the last 15 min`. */
  readonly period: string;
}

/** Whether OpenTelemetry spans arrive, and those of every demo with its namespace. */
export function judgeSpans({ total, namespaces, period }: AskedSpans): Finding {
  if (total === 0) {
    return {
      state: "failed",
      saw: `The querier has no OpenTelemetry span of ${period}.`,
      means: "Nobody sends spans, the Collectors cannot hand them over, or deepflow-agents drop them.",
      fix: "Look at the Collectors' logs for errors of the exporter, and at an application's for errors of its SDK; where there are none, see that feature_control.trace_integration_disabled is not true in the agents' group, and look at the log of deepflow-server.",
      mayPass: true,
      blocks: ["untagged", "collectorTagged", "trace"],
    };
  }
  const silent = namespaces.filter(({ bySource }) => spansOf(bySource, "OpenTelemetry") === 0);
  if (silent.length > 0) {
    const observed = silent.filter(({ bySource }) =>
      Object.values(bySource).some((spans) => (spans ?? 0) > 0),
    );
    return {
      state: "failed",
      saw: `Of ${count(total, "OpenTelemetry span")} of ${period} none has the namespace ${silent.map(({ namespace }) => namespace).join(", none ")}${observed.length > 0 ? `; eBPF or network spans have ${observed.map(({ namespace }) => namespace).join(", ")}` : ""}.`,
      means:
        observed.length > 0
          ? "Requests are made there, but its pods send no spans, or these are tagged otherwise: the next two steps tell."
          : "No requests are made there, its pods send no spans, or these are tagged otherwise: the next two steps tell.",
      fix: "See that something calls the front end (the load generator runs), and look at the services' logs for errors of their exporters.",
      mayPass: true,
    };
  }
  const demos = namespaces.map(describe);
  return {
    state: "passed",
    saw: `${[...demos, `${count(total, "OpenTelemetry span")} of everybody`].join("; ")}, of ${period}.`,
  };
}

/** The numbers of a query by `signal_source`. */
export function bySource(rows: readonly QueryRow[]): Record<number, number> {
  return Object.fromEntries(rows.map((row) => [Number(row["signal_source"]), Number(row["spans"])]));
}

/** The one number of a query that counts. */
export function countIn(rows: readonly QueryRow[]): number {
  return Number(rows[0]?.["spans"] ?? 0);
}

function describe({ title, bySource, expected, seen }: NamespaceSpans): string {
  const numbers = (["OpenTelemetry", "eBPF", "network"] as const).map(
    (source) => `${spansOf(bySource, source)} ${source}`,
  );
  const unseen = expected.filter((name) => !seen.includes(name));
  const quiet = unseen.length > 0 ? ` (no OpenTelemetry span of ${unseen.join(", ")})` : "";
  return `${title} has ${numbers.join(", ")} spans${quiet}`;
}

function spansOf(spans: NamespaceSpans["bySource"], source: keyof typeof signalSources): number {
  return spans[signalSources[source]] ?? 0;
}
