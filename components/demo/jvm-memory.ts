/**
 * MiB that a JVM with the OpenTelemetry agent and Spring Boot needs besides its heap, each part limited by a
 * flag: one that is reached is an OutOfMemoryError with a name, the container's limit only ends the process.
 *
 * Direct memory is what sockets and Netty use. 32 MiB are plenty for the WebShop: Dubbo's REST server, as
 * configured here and with the libraries that Dubbo 2.6.7 and my-demo name (RESTEasy 3.0.19, Netty 4.1.43),
 * has less than 0.4 MiB in use with 50 clients, apart from what it leaks: see `jvmMemoryFlags`. More would be
 * worse: from 96 MiB on Netty keeps a pool (PooledByteBufAllocator), which no collector frees.
 */
const nonHeapMib = { MaxMetaspaceSize: 160, ReservedCodeCacheSize: 64, MaxDirectMemorySize: 32 } as const;

/** MiB for what no flag limits: thread stacks, the garbage collector, the agent's own native memory. */
const unlimitedMib = 64;

/** The least heap, in MiB, with which such a service starts. */
const minHeapMib = 128;

const reservedMib = Object.values(nonHeapMib).reduce((sum: number, part) => sum + part, 0) + unlimitedMib;

/** The least memory limit of a JVM, in MiB. */
export const minJvmMemoryMib = reservedMib + minHeapMib;

/**
 * Flags by which a JVM stays within a memory limit: the heap is what the rest leaves. Not MaxRAMPercentage,
 * which Java 8 has only from update 191 on, and which knows nothing of the rest.
 *
 * Netty on Java 8 counts its direct memory itself, beside the JVM and up to the same limit, and does without
 * the garbage collector. RESTEasy never releases the body of a request, 4.6 KiB for 1 KB: 32 MiB are full
 * after about 7,100 of them, some hours of the load generator, and from then on requests fail while the port
 * still takes connections. `io.netty.maxDirectMemory=0` leaves both to the JVM, which collects what is lost:
 * 55,700 requests without a failure, at most 9.4 MiB at once (measured with 4 clients on Java 17, opened to
 * Netty as Java 8 is).
 *
 * @param limitMib the container's limit in MiB, at least `minJvmMemoryMib`.
 */
export function jvmMemoryFlags(limitMib: number): string[] {
  const heapMib = limitMib - reservedMib;
  return [
    `-Xmx${heapMib}m`,
    ...Object.entries(nonHeapMib).map(([flag, size]) => `-XX:${flag}=${size}m`),
    "-Dio.netty.maxDirectMemory=0",
    // A JVM that is out of heap or metaspace answers nothing any more; its container is better restarted. The
    // error of direct memory is thrown by Java code, and this flag does not see it.
    "-XX:+ExitOnOutOfMemoryError",
  ];
}
