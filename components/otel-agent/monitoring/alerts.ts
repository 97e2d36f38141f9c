import { collectorMetric, perSecond, queueShare, upMetric, type Monitored } from "./metrics.ts";

/** An alert on the Collectors: when it fires, and what is to be done. */
export interface Alert {
  readonly name: string;
  /** PromQL; it fires while this has a result. */
  readonly expression: (monitored: Monitored) => string;
  /** How long before it is told, as Prometheus writes a duration. */
  readonly for: string;
  /** `critical` where spans are lost or not taken. */
  readonly severity: "critical" | "warning";
  /** What is wrong, of the pod in question. */
  readonly summary: string;
  /** What it means and what to do. */
  readonly description: string;
}

/** Share of the memory limit from which on senders are refused: `memory_limiter`'s hard limit (memory.ts). */
const memoryShare = 0.8;

/** What is wrong with a Collector so that somebody has to look, as its own metrics show it. */
export const alerts: readonly Alert[] = [
  {
    name: "OtelAgentDown",
    expression: (monitored) => `${upMetric(monitored)} == 0`,
    for: "5m",
    severity: "critical",
    summary: "A Collector does not answer.",
    description:
      "The pods of its node cannot send spans, and SDKs drop what they cannot send. Look at the pod's events and log.",
  },
  {
    name: "OtelAgentQueueFilling",
    expression: (monitored) => `${queueShare(monitored, "namespace, pod, exporter")} > 0.5`,
    for: "2m",
    severity: "warning",
    summary: "More than half of a Collector's queue is full.",
    description:
      "The exporter's destination is away or slow. When the queue is full, senders are refused. `npm run verify` says which step to DeepFlow breaks; look at the deepflow-agents.",
  },
  {
    name: "OtelAgentRefusesSpans",
    expression: (monitored) =>
      `${perSecond(monitored, "receiver_refused_spans", "namespace, pod, receiver", "5m")} > 0`,
    for: "2m",
    severity: "warning",
    summary: "A Collector refuses spans.",
    description:
      "Its queue is full or its memory near the limit. Senders that do not retry lose spans. Raise `otelAgent.resources.limits.memory`, or add gateways.",
  },
  {
    name: "OtelAgentLosesSpans",
    expression: (monitored) =>
      `${perSecond(monitored, "exporter_send_failed_spans", "namespace, pod, exporter", "5m")} > 0`,
    for: "0s",
    severity: "critical",
    summary: "A Collector drops spans that it has taken.",
    description:
      "The destination refuses them for good (such as 400 or 500), or was away for more than an hour. The Collector's log has its answer.",
  },
  {
    name: "OtelAgentExportsNothing",
    expression: (monitored) => {
      const flows = (counter: string) => `${perSecond(monitored, counter, "namespace, pod", "5m")} > 0`;
      return `${flows("receiver_accepted_spans")} unless ${flows("exporter_sent_spans")}`;
    },
    for: "5m",
    severity: "critical",
    summary: "A Collector takes spans and sends none.",
    description: "They wait in its queue. `npm run verify` says which step to DeepFlow breaks.",
  },
  {
    name: "OtelAgentMemoryNearLimit",
    expression: (monitored) =>
      `${collectorMetric(monitored, "process_memory_rss", "bytes")} > ${memoryShare} * ${monitored.memoryLimitMib} * 1024 * 1024`,
    for: "2m",
    severity: "warning",
    summary: "A Collector's memory is near its limit.",
    description: "It refuses spans soon, and may be killed. Raise `otelAgent.resources.limits.memory`.",
  },
];

/** Spec of a PrometheusRule (Prometheus Operator, `monitoring.coreos.com/v1`) with every alert. */
export function prometheusRuleSpec(monitored: Monitored) {
  const rules = alerts.map(({ name, expression, severity, summary, description, ...alert }) => ({
    alert: name,
    expr: expression(monitored),
    for: alert.for,
    labels: { severity },
    annotations: {
      summary,
      description: `{{ $labels.pod }} in {{ $labels.namespace }}: ${description}`,
    },
  }));
  return { groups: [{ name: `otel-agent-${monitored.namespace}`, rules }] };
}
