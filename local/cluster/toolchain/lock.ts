import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A lock held by this process. The kernel releases it when the process dies, however it dies. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock that goes with a path, or returns undefined where another process holds it.
 *
 * The lock is a listening socket in Linux's abstract namespace: it leaves no file, so none can be stale, and
 * whoever waits is told of the release by the connection's end.
 */
export async function tryLock(path: string): Promise<Lock | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => waiting.delete(socket));
    socket.resume();
    socket.write(String(process.pid));
  });
  if (!(await listens(server, socketName(path)))) return undefined;
  return {
    release() {
      server.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

/**
 * Runs `work` while holding the path's lock; `onWait` is told the id of the process that has to finish first.
 */
export async function withLock<T>(
  path: string,
  options: { onWait?: (pid: number) => void; signal?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    options.signal?.throwIfAborted();
    const lock = await tryLock(path);
    if (lock === undefined) {
      await untilFree(path, options.onWait, options.signal);
      continue;
    }
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

/**
 * Resolves when nobody holds the path's lock; `onHolder` is told the holder's process id, if there is one.
 */
export async function untilFree(
  path: string,
  onHolder?: (pid: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = connect({ path: socketName(path) });
  socket.once("data", (pid) => onHolder?.(Number(pid)));
  // A refused connection is what a free lock looks like.
  socket.once("error", () => socket.destroy());
  socket.once("close", () => {
    resolve(undefined);
  });
  const abort = () => {
    reject(signal?.reason as Error);
    socket.destroy();
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function listens(server: Server, name: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") resolve(false);
    else reject(error);
  });
  server.listen({ path: name }, () => {
    resolve(true);
  });
  return promise;
}

/** A name that fits a socket address (108 bytes) however long the path is. */
function socketName(path: string): string {
  return `\0deepflow-otel/${createHash("sha256").update(path).digest("hex").slice(0, 32)}`;
}
