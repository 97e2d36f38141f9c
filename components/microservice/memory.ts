/**
 * MiB that a JVM with the OpenTelemetry agent and Spring Boot needs besides its heap, each part limited by a flag: a limit that is
 * reached is an OutOfMemoryError with a name, whereas the container's limit ends the process without a word.
 */
const besidesHeap = { MaxMetaspaceSize: 160, ReservedCodeCacheSize: 64, MaxDirectMemorySize: 32 } as const;

/** MiB for what no flag limits: thread stacks, the garbage collector, the agent's own native memory. */
const unlimited = 64;

/** The least heap, in MiB, with which such a service starts. */
const leastHeap = 128;

const reserved = Object.values(besidesHeap).reduce((sum: number, part) => sum + part, 0) + unlimited;

/** The least memory limit of a JVM, in MiB. */
export const leastJvmMemory = reserved + leastHeap;

/**
 * Flags by which a JVM stays within a memory limit: the heap is what the rest leaves. Not MaxRAMPercentage, which Java 8 has only from
 * update 191 on, and which knows nothing of the rest.
 *
 * @param memory the container's limit in MiB, at least `leastJvmMemory`.
 */
export function jvmMemoryFlags(memory: number): string[] {
  const heap = memory - reserved;
  return [
    `-Xmx${heap}m`,
    ...Object.entries(besidesHeap).map(([flag, size]) => `-XX:${flag}=${size}m`),
    // A JVM that is out of memory answers nothing any more; its container is better restarted.
    "-XX:+ExitOnOutOfMemoryError",
  ];
}
