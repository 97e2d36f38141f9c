import { dump, load } from "js-yaml";
import type { StatementGroup } from "../components/otel-agent/transform.ts";
import { documentsConfig } from "../test/e2e/documents/documents.ts";

/** The Collector's configuration, as far as it is changed here. */
interface Config {
  exporters: Record<string, { compression?: string; traces_endpoint?: string; sending_queue?: Queue }>;
  processors: Record<string, unknown> & {
    "transform/deepflow"?: { trace_statements: StatementGroup[] };
  };
  service: {
    extensions?: string[];
    telemetry?: unknown;
    pipelines: { traces: { processors: string[]; exporters: string[] } };
  };
  extensions?: unknown;
  receivers: unknown;
}

interface Queue {
  num_consumers?: number;
  batch: { min_size: number; max_size: number };
}

/** One of the configurations that are compared. */
export interface Variant {
  readonly name: string;
  /** Made from the program's own configuration. */
  readonly change: (config: string) => string;
  /** Language of the SDK that sends; default: java. */
  readonly language?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const changed = (name: string, change: (config: Config) => Config, language?: string): Variant => ({
  name,
  change: (text) => dump(change(load(text) as Config)),
  ...(language && { language }),
});

/** Changes the exporter to DeepFlow, whatever the version calls it. */
function exporter(config: Config, change: Partial<Config["exporters"][string]>): Config {
  const [name = ""] = config.service.pipelines.traces.exporters;
  return { ...config, exporters: { ...config.exporters, [name]: { ...config.exporters[name], ...change } } };
}

function groups(config: Config, change: (groups: StatementGroup[]) => StatementGroup[]): Config {
  const transform = config.processors["transform/deepflow"];
  if (!transform) return config;
  const trace_statements = change(transform.trace_statements);
  return {
    ...config,
    processors: { ...config.processors, "transform/deepflow": { ...transform, trace_statements } },
  };
}

function statements(config: Config, keep: (group: StatementGroup) => boolean): Config {
  return groups(config, (all) => all.filter(keep));
}

/** One pass over the spans for all conventions and for the kind, instead of one each. */
function onePass(all: StatementGroup[]): StatementGroup[] {
  const isOfSpan = ({ context, conditions = [] }: StatementGroup) =>
    context === "span" && !conditions.some((condition) => condition.includes("lax"));
  const merged: StatementGroup = {
    context: "span",
    conditions: [
      ...all.filter(isOfSpan).flatMap(({ conditions = [] }) => conditions),
      "kind < 0 or kind > 5",
    ],
    statements: all
      .filter(isOfSpan)
      .flatMap(({ conditions: [condition] = [], statements }) =>
        statements.map((statement) => (condition ? `${statement} and ${condition}` : statement)),
      ),
  };
  return [merged, ...all.filter((group) => !isOfSpan(group))];
}

const without = (pattern: RegExp) => (all: StatementGroup[]) =>
  all.map((group) => ({ ...group, statements: group.statements.filter((text) => !pattern.test(text)) }));

function queue(config: Config, change: (queue: Queue) => Queue): Config {
  const [name = ""] = config.service.pipelines.traces.exporters;
  const { sending_queue } = config.exporters[name] ?? {};
  return sending_queue ? exporter(config, { sending_queue: change(sending_queue) }) : config;
}

const isMapping = (group: object) =>
  /"http\.method"|"db\.system"|"rpc\.system"/.test(JSON.stringify(group).replaceAll("\\", ""));

export const variants: readonly Variant[] = [
  changed("bare: OTLP in, OTLP/HTTP out", (config) => {
    config.service.pipelines.traces.processors = [];
    config.processors = {};
    return exporter(config, { sending_queue: { batch: { min_size: 8192, max_size: 8192 } } });
  }),
  changed("the documents' pipeline, gzip", documents),
  changed("the documents' pipeline, no compression", (config) =>
    exporter(documents(config), { compression: "none" }),
  ),
  { name: "ours", change: (config) => config },
  changed("ours, gzip", (config) => exporter(config, { compression: "gzip" })),
  changed("ours without the mapping", (config) => statements(config, (group) => !isMapping(group))),
  changed("ours without the guards", (config) => statements(config, isMapping)),
  changed("ours without both", (config) => {
    config.service.pipelines.traces.processors = config.service.pipelines.traces.processors.filter(
      (name) => !name.startsWith("transform"),
    );
    return config;
  }),
  changed("ours, batches of 8192", (config) =>
    queue(config, (given) => ({ ...given, batch: { ...given.batch, min_size: 8192, max_size: 8192 } })),
  ),
  changed("ours, spans of an SDK that is checked", (config) => config, "cpp"),
  changed("lever: one pass", (config) => groups(config, onePass)),
  changed("lever: no kind guard", (config) => groups(config, without(/^set\(kind/))),
  changed("lever: no lax groups", (config) =>
    statements(config, (group) => !JSON.stringify(group).includes("lax")),
  ),
  changed("lever: no events group", (config) => statements(config, (group) => group.context !== "spanevent")),
  changed("lever: no host, flavor, lengths", (config) =>
    groups(config, without(/http\.(host|flavor|re\w+_content)/)),
  ),
  { name: "lever: GOGC=200", change: (config) => config, env: { GOGC: "200" } },
  { name: "lever: GOGC=400", change: (config) => config, env: { GOGC: "400" } },
];

/**
 * What the documents have users apply, with just enough changed to run beside the others: no extensions, the
 * same receivers and destination, and the pod look-up as passthrough, which needs no API server.
 */
function documents(ours: Config): Config {
  const theirs = load(documentsConfig()) as Config;
  const [own = ""] = ours.service.pipelines.traces.exporters;
  const traces_endpoint = ours.exporters[own]?.traces_endpoint;
  const { otlphttp } = theirs.exporters;
  return {
    receivers: ours.receivers,
    extensions: ours.extensions,
    processors: { ...theirs.processors, k8sattributes: { passthrough: true } },
    exporters: { otlphttp: { ...otlphttp, ...(traces_endpoint && { traces_endpoint }) } },
    service: {
      extensions: ours.service.extensions ?? [],
      pipelines: theirs.service.pipelines,
      telemetry: ours.service.telemetry,
    },
  };
}
