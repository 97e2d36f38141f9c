import { createHash } from "node:crypto";
import { collectorMetric, perSecond, queueShare, type Monitored } from "./metrics.ts";

/** A panel of the dashboard: a graph of one or more queries over time. */
interface Panel {
  readonly title: string;
  readonly description: string;
  /** Unit as Grafana names it. */
  readonly unit: "cps" | "percentunit" | "bytes" | "cores";
  /** PromQL by the legend's text, in which `{{label}}` stands for a label. */
  readonly queries: (monitored: Monitored) => Readonly<Record<string, string>>;
}

/** As long as Grafana takes for right at a panel's resolution. */
const window = "$__rate_interval";

const panels: readonly Panel[] = [
  {
    title: "Spans taken",
    description: "Spans per second that the Collectors took from applications.",
    unit: "cps",
    queries: (monitored) => ({ "{{pod}}": perSecond(monitored, "receiver_accepted_spans", "pod", window) }),
  },
  {
    title: "Spans sent",
    description: "Spans per second that each destination took.",
    unit: "cps",
    queries: (monitored) => ({
      "{{pod}} {{exporter}}": perSecond(monitored, "exporter_sent_spans", "pod, exporter", window),
    }),
  },
  {
    title: "Spans refused and lost",
    description:
      "Refused: senders were told to try again, and those that do not lose them. Lost: the destination refused them for good.",
    unit: "cps",
    queries: (monitored) => ({
      "{{pod}} refused": perSecond(monitored, "receiver_refused_spans", "pod", window),
      "{{pod}} lost": perSecond(monitored, "exporter_send_failed_spans", "pod", window),
    }),
  },
  {
    title: "Queue",
    description: "How full the queue to each destination is. When it is full, senders are refused.",
    unit: "percentunit",
    queries: (monitored) => ({ "{{pod}} {{exporter}}": queueShare(monitored, "pod, exporter") }),
  },
  {
    title: "Memory",
    description: "Resident memory of each Collector, and the limit of its container.",
    unit: "bytes",
    queries: (monitored) => ({
      "{{pod}}": `max by (pod) (${collectorMetric(monitored, "process_memory_rss", "bytes")})`,
      limit: `vector(${monitored.memoryLimitMib} * 1024 * 1024)`,
    }),
  },
  {
    title: "CPU",
    description: "CPU of each Collector, in cores.",
    unit: "cores",
    queries: (monitored) => ({
      "{{pod}}": perSecond(monitored, "process_cpu_seconds", "pod", window),
    }),
  },
];

const [columns, width, height] = [2, 12, 8];

/**
 * The Collectors' dashboard as Grafana imports it. Grafana asks for the Prometheus to read from; links to it
 * stay right across changes, because its `uid` follows from the namespace.
 */
export function dashboard(monitored: Monitored) {
  const datasource = { type: "prometheus", uid: "${datasource}" };
  return {
    // Grafana takes 40 characters at most (pkg/util/shortid_generator.go).
    uid: `otel-agent-${createHash("sha256").update(monitored.namespace).digest("hex").slice(0, 12)}`,
    title: `OpenTelemetry Collectors in ${monitored.namespace}`,
    tags: ["deepflow-otel", "opentelemetry"],
    schemaVersion: 39,
    editable: false,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: {
      list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }],
    },
    panels: panels.map(({ title, description, unit, queries }, index) => ({
      id: index + 1,
      type: "timeseries",
      title,
      description,
      datasource,
      gridPos: {
        x: (index % columns) * width,
        y: Math.floor(index / columns) * height,
        w: width,
        h: height,
      },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
      targets: Object.entries(queries(monitored)).map(([legendFormat, expr], target) => ({
        refId: String.fromCharCode("A".charCodeAt(0) + target),
        datasource,
        expr,
        legendFormat,
      })),
    })),
  };
}
