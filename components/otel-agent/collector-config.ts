import { dump } from "js-yaml";
import { tracesUrl, type Destination } from "../destination.ts";
import { extractedMetadata, podIp, type K8sAttribute } from "./k8s-attributes.ts";
import { memorySizes } from "./memory.ts";
import { listenAddress, ports } from "./ports.ts";

/** What the Collector's configuration is made from. */
export interface CollectorConfigArgs {
  readonly destination: Destination;
  readonly k8sAttributes: readonly K8sAttribute[];
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly memoryLimitMib: number;
  readonly selfMetrics: boolean;
}

/** Resource attribute by which DeepFlow finds the pod of a span (deepflow `agent/src/integration_collector.rs`). */
export const appHostIp = "app.host.ip";

/** Seconds that one request to the destination may take. */
export const exportTimeoutSeconds = 10;

/** Seconds that a batch waits for more spans. */
export const flushTimeoutSeconds = 1;

/**
 * The Collector's configuration: OTLP in, the sender's pod looked up by its connection, OTLP/HTTP out.
 *
 * The order of processors matters: `memory_limiter` first, so that what it refuses costs nothing; `k8s_attributes`
 * before anything that could break the link between a span and its connection; `resource` last, because it reads
 * what `k8s_attributes` wrote. Batching is the exporter's (`sending_queue.batch`), after all of them: a `batch` processor
 * before `k8s_attributes` loses `app.host.ip` without a word.
 */
export function collectorConfig(args: CollectorConfigArgs) {
  const memory = memorySizes(args.memoryLimitMib);
  return {
    extensions: { health_check: { endpoint: listenAddress(ports.health) } },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: listenAddress(ports.otlpGrpc) },
          http: { endpoint: listenAddress(ports.otlpHttp) },
        },
      },
    },
    processors: {
      memory_limiter: {
        check_interval: "1s",
        limit_mib: memory.limitMib,
        spike_limit_mib: memory.spikeLimitMib,
      },
      k8s_attributes: k8sAttributesProcessor(args.k8sAttributes),
      resource: { attributes: resourceActions(args.resourceAttributes) },
    },
    exporters: { otlp_http: exporter(args.destination, memory.queueBytes) },
    service: {
      extensions: ["health_check"],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "k8s_attributes", "resource"],
          exporters: ["otlp_http"],
        },
      },
      telemetry: { metrics: selfMetrics(args.selfMetrics) },
    },
  };
}

/** The configuration as the file that the Collector reads: keys sorted, so that nothing changed is nothing to roll. */
export function collectorConfigYaml(args: CollectorConfigArgs): string {
  return dump(collectorConfig(args), { sortKeys: true, noRefs: true, lineWidth: -1 });
}

/**
 * `wait_for_metadata`: a Collector that may not watch pods fails to start, instead of passing on spans without their
 * pod. The node filter keeps memory and API load flat as the cluster grows, and is right because the Service is
 * node-local.
 */
function k8sAttributesProcessor(attributes: readonly K8sAttribute[]) {
  return {
    auth_type: "serviceAccount",
    passthrough: false,
    wait_for_metadata: true,
    wait_for_metadata_timeout: "30s",
    filter: { node_from_env_var: "K8S_NODE_NAME" },
    extract: { metadata: extractedMetadata(attributes), deployment_name_from_replicaset: true },
    pod_association: [{ sources: [{ from: "connection" }] }],
  };
}

/** `insert` leaves alone what an SDK already set; a stack's own attributes win over what an SDK sent. */
function resourceActions(attributes: Readonly<Record<string, string>>) {
  return [
    { key: appHostIp, from_attribute: podIp, action: "insert" },
    ...Object.entries(attributes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value: literal(value), action: "upsert" })),
  ];
}

/**
 * `traces_endpoint`, not `endpoint`, to which the exporter would append `/v1/traces`. Not compressed: for the
 * way to a deepflow-agent in the same cluster gzip doubles the Collector's CPU.
 *
 * Retries go on for an hour, so that an upgrade of DeepFlow loses nothing; not for ever, because DeepFlow closes the
 * connection on a body that it cannot decode, which looks like an outage, and such a batch must not block a
 * consumer until the pod ends. A full queue makes receivers refuse with a retryable error.
 */
function exporter(destination: Destination, queueBytes: number) {
  return {
    traces_endpoint: tracesUrl(destination),
    encoding: "proto",
    compression: "none",
    timeout: `${exportTimeoutSeconds}s`,
    retry_on_failure: { enabled: true, initial_interval: "1s", max_interval: "30s", max_elapsed_time: "1h" },
    sending_queue: {
      enabled: true,
      sizer: "bytes",
      queue_size: queueBytes,
      batch: { flush_timeout: `${flushTimeoutSeconds}s`, sizer: "items", min_size: 8192, max_size: 8192 },
    },
  };
}

function selfMetrics(enabled: boolean) {
  if (!enabled) return { level: "none" };
  const { port } = ports.metrics;
  return { readers: [{ pull: { exporter: { prometheus: { host: "${env:MY_POD_IP}", port } } } }] };
}

/** The Collector expands `${…}` and `$$` in every string; a user's `$` is a `$`. */
function literal(value: string): string {
  return value.replaceAll("$", "$$$$");
}
