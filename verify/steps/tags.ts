import { count } from "../../local/replay/count.ts";
import type { QueryRow } from "../deepflow/querier.ts";
import type { Finding } from "../finding.ts";

/** OpenTelemetry spans with a tag that they should not have, or without one. */
export interface AskedTags {
  readonly spans: number;
  /** Some of them. */
  readonly sample: readonly QueryRow[];
  readonly period: string;
}

/** Whether DeepFlow found a pod for every span. */
export function judgeUntagged({ spans, sample, period }: AskedTags): Finding {
  if (spans === 0) return { state: "passed", saw: `Every OpenTelemetry span of ${period} has a namespace.` };
  const without = sample.every((row) => addressOf(row) === "");
  return {
    state: "failed",
    saw: `${count(spans, "OpenTelemetry span")} of ${period} ${spans === 1 ? "has" : "have"} no namespace: ${senders(sample)}.`,
    means: without
      ? "They came without app.host.ip: their Collector did not find the sender's pod, and other spans of the same request had the attribute."
      : "DeepFlow knows no pod of these addresses: pods in the network of their host, of another cluster, or too new to be known; or a Service in between has replaced the sender's address.",
    fix: without
      ? "See that every span goes through this stack's Collector, and that its k8sattributes may watch pods (docs/topologies.md)."
      : "Compare app.host.ip with `kubectl get pods -A -o wide`. For pods in the network of their host nothing can be done; where spans from before a change are counted, ask for less time with --window.",
    mayPass: false,
  };
}

/** Whether no span looks as if the Collector itself had sent it. */
export function judgeCollectorTagged({ spans, sample, period }: AskedTags, namespace: string): Finding {
  if (spans === 0)
    return {
      state: "passed",
      saw: `No OpenTelemetry span of ${period} has the Collector's namespace ${namespace}.`,
    };
  return {
    state: "failed",
    saw: `${count(spans, "OpenTelemetry span")} of ${period} ${spans === 1 ? "has" : "have"} the Collector's namespace ${namespace}: ${senders(sample)}.`,
    means:
      "They reached deepflow-agent without app.host.ip, and it took the address of the connection, which is the Collector's.",
    fix: "See that the Collector's pipeline has the processors that set app.host.ip, that nothing between applications and Collector replaces addresses (a Service with internalTrafficPolicy Cluster, a mesh), and that its ServiceAccount may watch pods.",
    mayPass: false,
  };
}

/** Who the spans are of, as far as they say: each once. */
function senders(sample: readonly QueryRow[]): string {
  const lines = sample.map((row) => {
    const namespace = textOf(row, "attribute.k8s.namespace.name");
    const service = textOf(row, "app_service") || "(no service.name)";
    const address = addressOf(row) || "none";
    return `${service}${namespace && ` of ${namespace}`} (app.host.ip ${address})`;
  });
  const distinct = [...new Set(lines)];
  const more = distinct.length > 10 ? ` and ${distinct.length - 10} more` : "";
  return distinct.slice(0, 10).join(", ") + more;
}

function addressOf(row: QueryRow): string {
  return textOf(row, "attribute.app.host.ip");
}

function textOf(row: QueryRow, column: string): string {
  return String(row[column] ?? "");
}
