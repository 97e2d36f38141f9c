import type { Destination } from "../destination.ts";
import type { QuantityInput } from "../quantity.ts";
import type { K8sAttribute } from "./k8s-attributes.ts";
import type { QueueStorage } from "./queue.ts";
import type { Association, CollectorTopology } from "./topology.ts";

/**
 * A component of the Collector's configuration by `type` or `type/name`, each with its configuration as the
 * Collector's file has it.
 */
type CollectorComponents = Readonly<Record<string, Record<string, unknown> | null>>;

/** What an `OtelAgent` is made from. Everything has a default; docs/settings.md says more about each. */
export interface OtelAgentArgs {
  /** Where Collectors run: on every node, or a few for the cluster. Default: `agent`. */
  readonly topology?: CollectorTopology | undefined;
  /**
   * Where the Collector exports traces to; it must accept OTLP/HTTP. Default: DeepFlow as its Helm chart
   * installs it.
   */
  readonly deepFlow?: Destination | undefined;
  /** Replaces the registry of the image. Default: the image's own. */
  readonly imageRegistry?: string | undefined;
  /** Namespace of the Collector. Default: `open-telemetry`. */
  readonly namespace?: string | undefined;
  /** Whether the component owns the namespace. Default: true. */
  readonly createNamespace?: boolean | undefined;
  /** The Collector's image. Default: the contrib distribution in the version that the tests run. */
  readonly image?:
    | {
        /** Default: `docker.io`. */
        readonly registry?: string | undefined;
        /** Default: `otel/opentelemetry-collector-contrib`. */
        readonly repository?: string | undefined;
        readonly tag?: string | undefined;
        /** `sha256:` and 64 hexadecimal digits; then `version` is needed, or a tag that names it. */
        readonly digest?: string | undefined;
      }
    | undefined;
  /** Version that the configuration is written for, where the image's tag does not name it. */
  readonly version?: string | undefined;
  /**
   * Requests and limits, as quantities. GOMEMLIMIT, the memory limiter and the queue are sized from the
   * memory limit, GOMAXPROCS is made from that of the CPU.
   */
  readonly resources?:
    | {
        /** Default: 100m and 128Mi. */
        readonly requests?:
          | { readonly cpu?: QuantityInput | undefined; readonly memory?: QuantityInput | undefined }
          | undefined;
        /** Default: 1 and 512Mi. */
        readonly limits?:
          | { readonly cpu?: QuantityInput | undefined; readonly memory?: QuantityInput | undefined }
          | undefined;
      }
    | undefined;
  /**
   * What is looked up about the sending pod besides `k8s.pod.ip`. RBAC follows it. Default: names of its
   * namespace, node and workload.
   */
  readonly k8sAttributes?: readonly K8sAttribute[] | undefined;
  /** Resource attributes that every span gets. */
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** Whether the Collector offers its own metrics to Prometheus, on port 8888. Default: false. */
  readonly selfMetrics?: boolean | undefined;
  /** Alerts and a dashboard made from the Collector's own metrics; they need `selfMetrics`. */
  readonly monitoring?:
    | {
        /** A PodMonitor and a PrometheusRule, for the Prometheus Operator. Default: false. */
        readonly prometheusOperator?: boolean | undefined;
        /** A ConfigMap with a dashboard, which the sidecar of Grafana's chart finds. Default: false. */
        readonly grafanaDashboard?: boolean | undefined;
        /** Labels of these objects, by which a Prometheus selects what it reads. Default: none. */
        readonly labels?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  /** What the Collector takes besides OTLP. Default: nothing. */
  readonly receivers?:
    | {
        /** Jaeger's clients: gRPC on port 14250, Thrift over HTTP on 14268. Default: false. */
        readonly jaeger?: { readonly enabled?: boolean | undefined } | undefined;
        /** Zipkin's clients, on port 9411. Default: false. */
        readonly zipkin?: { readonly enabled?: boolean | undefined } | undefined;
      }
    | undefined;
  /** Which taints the Collector tolerates. Default: all for an agent, none for a gateway. */
  readonly tolerations?:
    | readonly {
        readonly key?: string | undefined;
        readonly operator?: "Exists" | "Equal" | undefined;
        readonly value?: string | undefined;
        readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
        readonly tolerationSeconds?: number | undefined;
      }[]
    | undefined;
  /** Nodes that get a Collector. Default: those with Linux. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** Priority class of the pods. */
  readonly priorityClassName?: string | undefined;
  /**
   * Seconds that a Collector which is told to end goes on receiving: until kube-proxies have turned away, and
   * the node's next agent is ready. Default: 10; 0 before Kubernetes 1.30.
   */
  readonly preStopSleepSeconds?: number | undefined;
  /** How the sending pod is found. Default: `connection` for an agent, `resource` for a gateway. */
  readonly association?: Association | undefined;
  /** Type of the Service. Other than `ClusterIP`, the default, it needs association `resource`. */
  readonly serviceType?: "ClusterIP" | "NodePort" | "LoadBalancer" | undefined;
  /** How many gateways there are, in topology `gateway`. Default: 2. */
  readonly gateway?:
    | {
        readonly replicas?: number | undefined;
        readonly autoscaling?:
          | {
              /** Default: 2. */
              readonly minReplicas?: number | undefined;
              readonly maxReplicas: number;
              /** Percent of the requested CPU. Default: 70. */
              readonly targetCpuUtilization?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** Where spans wait for DeepFlow. */
  readonly queue?:
    | {
        /**
         * `memory`, the default; `pod`, a volume that outlives a crash; `node`, a folder that outlives
         * the pod.
         */
        readonly storage?: QueueStorage | undefined;
        /** OTLP that may wait on a disk, as a quantity. Default: 256Mi. */
        readonly size?: QuantityInput | undefined;
      }
    | undefined;
  /** Whether spans also get the older attribute names, the only ones that DeepFlow reads. Default: true. */
  readonly httpAttributes?: boolean | undefined;
  /** Share of traces that are kept, in percent. Default: all. */
  readonly sampling?: { readonly percentage: number } | undefined;
  /** Processors of your own, in the order of their names, after `app.host.ip` is set. */
  readonly processors?: CollectorComponents | undefined;
  /** Exporters of your own beside DeepFlow's. Take passwords from `secretEnv` by `${env:NAME}`. */
  readonly exporters?: CollectorComponents | undefined;
  /** Environment variables from Secrets that exist already in the namespace. */
  readonly secretEnv?:
    Readonly<Record<string, { readonly secret: string; readonly key: string }>> | undefined;
}
