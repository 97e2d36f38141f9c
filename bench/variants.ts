import { dump, load } from "js-yaml";
import { documentsConfig } from "../test/e2e/documents/documents.ts";

/** The Collector's configuration, as far as it is changed here. */
interface Config {
  exporters: Record<string, { compression?: string; traces_endpoint?: string; sending_queue?: Queue }>;
  processors: Record<string, unknown> & {
    "transform/deepflow"?: { trace_statements: { context: string }[] };
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

function statements(config: Config, keep: (group: { context: string }, index: number) => boolean): Config {
  const transform = config.processors["transform/deepflow"];
  if (!transform) return config;
  const trace_statements = transform.trace_statements.filter(keep);
  return {
    ...config,
    processors: { ...config.processors, "transform/deepflow": { ...transform, trace_statements } },
  };
}

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
