/** Which Collectors a query is about: those of one stack. */
export interface Monitored {
  readonly namespace: string;
  /** The container's memory limit, in MiB. */
  readonly memoryLimitMib: number;
}

/**
 * PromQL selector of one of the Collectors' own metrics. Prometheus gets the labels `namespace`, `pod` and
 * `container` from a PodMonitor, and whoever scrapes in another way has to set them.
 *
 * @param name without its prefix, such as `receiver_accepted_spans`.
 * @param suffix what the name ends with up to Collector 0.149: `total` for counters, or the unit. Later ones
 * leave it out, and a pattern of both outlives an upgrade.
 */
export function collectorMetric({ namespace }: Monitored, name: string, suffix?: "total" | "bytes"): string {
  return suffix === undefined
    ? `otelcol_${name}{${ofCollectors(namespace)}}`
    : `{__name__=~"otelcol_${name}(_${suffix})?",${ofCollectors(namespace)}}`;
}

/** PromQL of what a counter grows by in a second, by these labels. */
export function perSecond(monitored: Monitored, counter: string, by: string, window: string): string {
  return `sum by (${by}) (rate(${collectorMetric(monitored, counter, "total")}[${window}]))`;
}

/** PromQL of how full queues are, 0 to 1, by these labels. */
export function queueShare(monitored: Monitored, by: string): string {
  const part = (name: string) => `max by (${by}) (${collectorMetric(monitored, `exporter_queue_${name}`)})`;
  return `${part("size")} / ${part("capacity")}`;
}

/** Whether Prometheus could read a Collector's metrics; Prometheus itself makes this one. */
export function upMetric({ namespace }: Monitored): string {
  return `up{${ofCollectors(namespace)}}`;
}

function ofCollectors(namespace: string): string {
  return `namespace="${namespace}",container="otel-agent"`;
}
