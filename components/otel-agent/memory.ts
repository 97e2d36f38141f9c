/** Everything that depends on how much memory the Collector may use. */
export interface MemorySizes {
  /** For the Go runtime: it collects garbage harder as the heap comes near. */
  readonly goMemLimit: string;
  /** Hard limit of `memory_limiter`, in MiB. */
  readonly limitMib: number;
  /** Distance in MiB from the hard limit to the soft one, above which receivers refuse data that senders then retry. */
  readonly spikeLimitMib: number;
  /** Bound of the exporter's `sending_queue`, in bytes of OTLP. */
  readonly queueBytes: number;
}

/** The least memory limit that leaves the Collector room to work: it rests at some 50 MiB. */
export const leastMemoryMib = 128;

/**
 * Sizes from the one number that a stack sets, the container's memory limit in MiB.
 *
 * 80 % and 25 % are the shares that the Collector's own chart and `memory_limiter`'s documentation recommend. They are
 * written out as `limit_mib`, because `limit_percentage` takes the whole machine wherever there is no cgroup limit to
 * read. The queue gets an eighth: OTLP in memory takes three to four times its size on the wire, so a full queue
 * stays below the soft limit, and a refused span is a span that its sender still has.
 */
export function memorySizes(memoryLimitMib: number): MemorySizes {
  const limitMib = Math.floor(memoryLimitMib * 0.8);
  return {
    goMemLimit: `${limitMib}MiB`,
    limitMib,
    spikeLimitMib: Math.floor(memoryLimitMib * 0.25),
    queueBytes: Math.floor(memoryLimitMib / 8) * 1024 * 1024,
  };
}
