/** Everything that depends on how much memory the Collector may use. */
export interface MemorySizes {
  /** For the Go runtime: it collects garbage harder as the heap comes near. */
  readonly goMemLimit: string;
  /** Hard limit of `memory_limiter`, in MiB. */
  readonly limitMib: number;
  /**
   * Distance in MiB from the hard limit to the soft one, above which receivers refuse data that senders then
   * retry.
   */
  readonly spikeLimitMib: number;
  /** Bound of the exporter's `sending_queue`, in bytes of OTLP. */
  readonly queueBytes: number;
  /** The largest request that receivers take, in MiB, unpacked. */
  readonly requestMib: number;
}

/**
 * How often `memory_limiter` looks: seldom, a burst of large requests is in memory before anybody is refused.
 */
export const memoryCheckInterval = "100ms";

/** The least memory limit that leaves the Collector room to work: it rests at some 50 MiB. */
export const leastMemoryMib = 128;

/**
 * Sizes from the one number that a stack sets, the container's memory limit in MiB.
 *
 * 80 % and 25 % are the shares that the Collector's own chart and `memory_limiter`'s documentation recommend.
 * They are written out as `limit_mib`, because `limit_percentage` takes the whole machine wherever there is
 * no cgroup limit to read. The queue gets a tenth: OTLP in memory takes four to five times its size on the
 * wire, and a full queue of an eighth holds the heap at the soft limit, where nothing is taken any more.
 *
 * A request gets a 128th, 4 MiB of 512 as gRPC's own default is: it is in memory two to three times over
 * before `memory_limiter` sees it. With 512 MiB, 64 senders of 1.8 MB at a time, to a DeepFlow that hangs or
 * is fast, took a Collector that looks every 100 ms to 426 MiB at most, and 32 of 3.5 MB to 479; 64 of 3.5 MB
 * ended it. One that looks every second was killed by 32.
 */
export function memorySizes(memoryLimitMib: number): MemorySizes {
  const limitMib = Math.floor(memoryLimitMib * 0.8);
  return {
    goMemLimit: `${limitMib}MiB`,
    limitMib,
    spikeLimitMib: Math.floor(memoryLimitMib * 0.25),
    queueBytes: Math.floor(memoryLimitMib / 10) * 1024 * 1024,
    requestMib: Math.max(1, Math.floor(memoryLimitMib / 128)),
  };
}
