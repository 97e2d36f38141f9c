import { dump } from "js-yaml";
import { nodeHost, tracesUrl, type Destination } from "../destination.ts";
import { podLookup, type PodLookupArgs, type Stage } from "./association.ts";
import type { ConfigSyntax } from "./collector-version.ts";
import type { Components } from "./custom-components.ts";
import { deepFlowAttributes } from "./deepflow-attributes.ts";
import { appHostIp, podIp } from "./k8s-attributes.ts";
import { memoryCheckInterval, memorySizes, type MemorySizes } from "./memory.ts";
import { podListenAddress, ports, type CollectorPort, type ReceiverSettings } from "./ports.ts";
import { diskQueueMib, queueStorage, storageExtension, type QueueSettings } from "./queue.ts";
import { receivers } from "./receivers.ts";
import { spanGuards } from "./span-guards.ts";
import { transform, transformName } from "./transform.ts";

/** What the configuration of a cluster's Collector is made from. */
export type CollectorConfigArgs = PodLookupArgs & PipelineArgs;

/** What every Collector's configuration is made from, wherever it runs. */
export interface PipelineArgs {
  readonly syntax: ConfigSyntax;
  readonly destination: Destination;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly httpAttributes: boolean;
  /** Share of traces that are kept, in percent; all where there is none. */
  readonly samplingPercentage?: number | undefined;
  readonly processors: Components;
  readonly exporters: Components;
  readonly memoryLimitMib: number;
  readonly queue: QueueSettings;
  readonly selfMetrics: boolean;
  readonly receivers: ReceiverSettings;
}

/** What differs between a Collector for pods and one for the processes of a host: who its senders are. */
export interface Senders {
  /** Address that they reach it at, as the Collector's file has it. */
  readonly listenAddress: string;
  /** Processors that find out who sent a span. */
  readonly lookup: readonly Stage[];
  /** Name of the `resource` processor behind them. */
  readonly resource: string;
  /** Where its `app.host.ip` is from. */
  readonly appHostIp: { readonly from_attribute: string } | { readonly value: string };
}

/** Seconds that one request to the destination may take. */
export const exportTimeoutSeconds = 10;

/** Seconds that a batch waits for more spans. */
export const flushTimeoutSeconds = 1;

/**
 * Seconds between SIGTERM and SIGKILL. On SIGTERM receivers stop and the queue is sent: what still waits for
 * its batch, then one request, then one more that was queued behind it.
 */
export const shutdownSeconds = flushTimeoutSeconds + 2 * exportTimeoutSeconds + 9;

/** Spans in a batch. */
const batchSpans = 1024;

/**
 * Batches that are on their way at once, so that a DeepFlow that takes a second for each still keeps up, and
 * that a batch which it cannot decode holds up one of many.
 */
const consumers = 40;

/** The configuration of a cluster's Collector: its senders are pods, which it looks up. */
export function collectorConfig(args: CollectorConfigArgs) {
  return pipelineConfig(args, {
    listenAddress: podListenAddress,
    lookup: podLookup(args, args.syntax),
    resource: args.association === "resource" ? "resource/post" : "resource",
    appHostIp: { from_attribute: podIp },
  });
}

/**
 * The Collector's configuration: OTLP in, the sender looked up, OTLP/HTTP out.
 *
 * The order of processors matters: `memory_limiter` first, so that what it refuses costs nothing; then the
 * look-up of the pod, before anything that could break the link between a span and its connection; then
 * `resource`, which reads what that wrote; a stack's own processors after it, where they cannot break it;
 * sampling last, because it keeps or drops whole spans. A batch before the look-up would lose `app.host.ip`
 * without a word, so batching comes at the end, in the exporter where the version can.
 */
export function pipelineConfig(args: PipelineArgs, senders: Senders) {
  const { syntax } = args;
  const listenAddress = ({ port }: CollectorPort) => `${senders.listenAddress}:${port}`;
  const memory = memorySizes(args.memoryLimitMib);
  const processors: Stage[] = [
    [
      "memory_limiter",
      {
        check_interval: memoryCheckInterval,
        limit_mib: memory.limitMib,
        spike_limit_mib: memory.spikeLimitMib,
      },
    ],
    ...senders.lookup,
    [
      senders.resource,
      {
        attributes: [
          { key: appHostIp, ...senders.appHostIp, action: "insert" },
          ...resourceActions(args.resourceAttributes),
        ],
      },
    ],
    ...Object.entries(args.processors),
    [
      transformName,
      transform([...(args.httpAttributes ? deepFlowAttributes() : []), ...spanGuards(args.processors)]),
    ],
    ...when(args.samplingPercentage, (percentage): Stage => [
      "probabilistic_sampler",
      { sampling_percentage: percentage },
    ]),
    ...when(syntax.batching === "processor", (): Stage => ["batch", batchProcessor]),
  ];
  const extensions: Stage[] = [
    ["health_check", { endpoint: listenAddress(ports.health) }],
    ...queueStorage(args.queue),
  ];
  const exporters: Stage[] = [[syntax.otlpHttp, exporter(args, memory)], ...Object.entries(args.exporters)];
  const taken = receivers(args.receivers, listenAddress, memory);
  return {
    extensions: Object.fromEntries(extensions),
    receivers: taken,
    processors: Object.fromEntries(processors),
    exporters: Object.fromEntries(exporters),
    service: {
      extensions: names(extensions),
      pipelines: {
        traces: { receivers: Object.keys(taken), processors: names(processors), exporters: names(exporters) },
      },
      telemetry: { metrics: selfMetrics(args, senders) },
    },
  };
}

/**
 * The configuration as the file that the Collector reads: keys sorted, so that nothing changed is nothing to
 * roll.
 */
export function collectorConfigYaml(args: CollectorConfigArgs): string {
  return configYaml(collectorConfig(args));
}

/** A Collector's configuration as text, in which a key's place depends on nothing but its name. */
export function configYaml(config: object): string {
  return dump(config, { sortKeys: true, noRefs: true, lineWidth: -1 });
}

/** `insert` leaves alone what an SDK already set; a stack's own attributes win over what an SDK sent. */
function resourceActions(attributes: Readonly<Record<string, string>>) {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value: literal(value), action: "upsert" }));
}

/**
 * `traces_endpoint`, not `endpoint`, to which the exporter would append `/v1/traces`. Not compressed unless a
 * stack says so: for the way to a deepflow-agent in the same cluster gzip costs CPU and saves nothing.
 *
 * Retries go on for an hour, so that an upgrade of DeepFlow loses nothing; not for ever, because DeepFlow
 * closes the connection on a body that it cannot decode, which looks like an outage, and such a batch must
 * not block a consumer until the pod ends. A full queue makes receivers refuse with a retryable error.
 */
function exporter({ destination, syntax, queue }: PipelineArgs, memory: MemorySizes) {
  const diskMib = diskQueueMib(queue);
  const queueBytes = diskMib === undefined ? memory.queueBytes : diskMib * 1024 * 1024;
  return {
    traces_endpoint: tracesUrl(destination).replace(nodeHost, "${env:HOST_IP}"),
    encoding: "proto",
    compression: destination.compression ?? "none",
    timeout: `${exportTimeoutSeconds}s`,
    retry_on_failure: { enabled: true, initial_interval: "1s", max_interval: "5s", max_elapsed_time: "1h" },
    sending_queue: {
      ...(syntax.batching === "exporter" ? batchingQueue(queueBytes) : requestQueue(queueBytes)),
      ...(diskMib !== undefined && { storage: storageExtension }),
    },
  };
}

function batchingQueue(queueBytes: number) {
  return {
    enabled: true,
    num_consumers: consumers,
    sizer: "bytes",
    queue_size: queueBytes,
    batch: {
      flush_timeout: `${flushTimeoutSeconds}s`,
      sizer: "items",
      min_size: batchSpans,
      max_size: batchSpans,
    },
  };
}

/** A queue that counts requests, each a batch: taken as a kilobyte of OTLP per span. */
function requestQueue(queueBytes: number) {
  return {
    enabled: true,
    num_consumers: consumers,
    queue_size: Math.max(2, Math.floor(queueBytes / (batchSpans * 1024))),
  };
}

const batchProcessor = {
  timeout: `${flushTimeoutSeconds}s`,
  send_batch_size: batchSpans,
  send_batch_max_size: batchSpans,
};

function selfMetrics({ selfMetrics }: PipelineArgs, { listenAddress }: Senders) {
  if (!selfMetrics) return { level: "none" };
  const prometheus = { host: listenAddress, port: ports.metrics.port };
  return { readers: [{ pull: { exporter: { prometheus } } }] };
}

/** The Collector expands `${…}` and `$$` in every string; a user's `$` is a `$`. */
function literal(value: string): string {
  return value.replaceAll("$", "$$$$");
}

function when<T>(value: T | undefined | false, stage: (value: T) => Stage): Stage[] {
  return value === undefined || value === false ? [] : [stage(value)];
}

function names(stages: readonly Stage[]): string[] {
  return stages.map(([name]) => name);
}
