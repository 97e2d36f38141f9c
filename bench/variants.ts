import { dump, load } from "js-yaml";
import type { StatementGroup } from "../components/otel-agent/transform.ts";
import { documentsConfig } from "../test/e2e/documents/documents.ts";
import type { LoneCollectorOptions } from "../test/e2e/lone-collector.ts";
import type { Names } from "./bodies.ts";
import type { Protocol } from "./senders.ts";

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

interface Receivers {
  otlp: { protocols: Record<"grpc" | "http", { endpoint: string; response_headers?: object }> };
}

interface Queue {
  num_consumers?: number;
  batch: { min_size: number; max_size: number };
}

/** What is sent to a configuration. */
export interface Load {
  readonly protocol: Protocol;
  readonly names: Names;
  readonly spansPerSecond: number;
  /** Language of the SDK that sends. */
  readonly language: string;
}

/** One of the configurations that are compared. */
export interface Variant {
  readonly name: string;
  /** Made from the program's own configuration. */
  readonly change: (config: string) => string;
  /** Differences from a stack's defaults. */
  readonly args?: LoneCollectorOptions["args"];
  /** Environment variables beside those of the pod. */
  readonly env?: Readonly<Record<string, string>>;
}

const same = (config: string) => config;

const changed = (name: string, change: (config: Config) => Config): Variant => ({
  name,
  change: (text) => dump(change(load(text) as Config)),
});

/** Somebody else's pipeline: with what Go takes by itself where the CPU limit is one. */
const foreign = (name: string, change: (config: Config) => Config): Variant => ({
  ...changed(name, change),
  env: { GOMAXPROCS: "2", GOGC: "100", GOMEMLIMIT: "off" },
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

export const bare = foreign("bare: OTLP in, OTLP/HTTP out", (config) => {
  config.service.pipelines.traces.processors = [];
  config.processors = {};
  return exporter(config, { sending_queue: { batch: { min_size: 8192, max_size: 8192 } } });
});

export const documentsGzip = foreign("the documents' pipeline, gzip", (config) => documents(config));

/** The documents' pipeline as it looks pods up, by a kubeconfig instead of a pod's own account. */
export const documentsWithLookup = foreign("documents", (config) =>
  documents(config, { auth_type: "kubeConfig" }),
);

export const ours: Variant = { name: "ours", change: same };

/** As HTTP clients have it where no answer says `Connection: close`. */
export const keepingConnections = changed("ours, connections kept", (config) => {
  delete (config.receivers as Receivers).otlp.protocols.http.response_headers;
  return config;
});

const withoutTransform = changed("ours without mapping and guards", (config) => {
  const { traces } = config.service.pipelines;
  traces.processors = traces.processors.filter((name) => !name.startsWith("transform"));
  return config;
});

const isLax = (group: StatementGroup) => JSON.stringify(group).includes("lax");

/** What is compared under the same load, that of `usualLoad`. */
export const variants: readonly Variant[] = [
  bare,
  documentsGzip,
  foreign("the documents' pipeline, no compression", (config) =>
    exporter(documents(config), { compression: "none" }),
  ),
  ours,
  changed("ours, gzip", (config) => exporter(config, { compression: "gzip" })),
  { name: "ours, httpAttributes: false", change: same, args: { httpAttributes: false } },
  withoutTransform,
  { name: "ours, selfMetrics: true", change: same, args: { selfMetrics: true } },
  { name: "ours, queue on a disk", change: same, args: { queue: { storage: "pod" } } },
  { name: "ours, GOMAXPROCS=2", change: same, env: { GOMAXPROCS: "2" } },
  { name: "ours, GOGC=100", change: same, env: { GOGC: "100" } },
  { name: "ours, GOGC=400", change: same, env: { GOGC: "400" } },
  changed("ours, one pass over the spans for all statements", (config) => groups(config, onePass)),
  changed("ours without the guard of the kind", (config) => groups(config, without(/^set\(kind/))),
  changed("ours without the guards of other SDKs", (config) => statements(config, (group) => !isLax(group))),
  changed("ours without host, version and lengths", (config) =>
    groups(config, without(/http\.(host|flavor|re\w+_content)/)),
  ),
  changed("ours, batches of 512", (config) => batches(config, 512)),
  changed("ours, batches of 4096", (config) => batches(config, 4096)),
];

export const usualLoad: Load = { protocol: "grpc", names: "today", spansPerSecond: 20_000, language: "java" };

/** Other loads, for the variants of `variantsOf`. */
export const otherLoads: Readonly<Record<string, Load>> = {
  "OTLP/HTTP": { ...usualLoad, protocol: "http" },
  "older attribute names": { ...usualLoad, names: "older" },
  "5,000 spans/s": { ...usualLoad, spansPerSecond: 5_000 },
  "an SDK whose strings are checked (C++)": { ...usualLoad, language: "cpp" },
};

/** What is compared under another load. */
export function variantsOf({ protocol }: Load): readonly Variant[] {
  return [bare, documentsGzip, ours, ...(protocol === "http" ? [keepingConnections] : [])];
}

function batches(config: Config, size: number): Config {
  return queue(config, (given) => ({ ...given, batch: { ...given.batch, min_size: size, max_size: size } }));
}

/**
 * What the documents have users apply, with just enough changed to run beside the others: no extensions, the
 * same addresses and destination, and by default the pod look-up as passthrough, which needs no API server.
 */
function documents(ours: Config, lookup: object = { passthrough: true }): Config {
  const theirs = load(documentsConfig()) as Config;
  const [own = ""] = ours.service.pipelines.traces.exporters;
  const traces_endpoint = ours.exporters[own]?.traces_endpoint;
  const { otlphttp } = theirs.exporters;
  const listening = ours.receivers as Receivers;
  return {
    // Theirs, which set no header, at our address.
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: listening.otlp.protocols.grpc.endpoint },
          http: { endpoint: listening.otlp.protocols.http.endpoint },
        },
      },
    },
    extensions: ours.extensions,
    processors: { ...theirs.processors, k8sattributes: lookup },
    exporters: { otlphttp: { ...otlphttp, ...(traces_endpoint && { traces_endpoint }) } },
    service: {
      extensions: ours.service.extensions ?? [],
      pipelines: theirs.service.pipelines,
      telemetry: ours.service.telemetry,
    },
  };
}
