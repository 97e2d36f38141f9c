import { once } from "node:events";
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

/** Passes every connection on, unread, until it is closed. */
export interface Relay {
  /** The TCP port it listens on; 0 where it listens on a unix socket. */
  port: number;
  /** Bytes that the target has sent, over all connections. */
  bytesFromTarget(): number;
  close(): void;
}

/**
 * Starts to pass connections from `listen` on to `target`, which may be looked for anew with every
 * connection. One that comes while there is none is closed.
 */
export async function startRelay(
  listen: { path: string } | { host: string; port: number },
  target: NetConnectOpts | (() => NetConnectOpts | undefined),
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const outwards = new Set<Socket>();
  let bytesOfClosed = 0;
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (inward) => {
    const reached = typeof target === "function" ? target() : target;
    if (reached === undefined) {
      inward.destroy();
      return;
    }
    const outward = connect({ ...reached, allowHalfOpen: true, noDelay: true });
    outwards.add(outward);
    outward.once("close", () => {
      outwards.delete(outward);
      bytesOfClosed += outward.bytesRead;
    });
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.once("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      // "close" follows, and takes the other half with it.
      from.on("error", () => from.destroy());
    }
  });
  server.listen(listen);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    bytesFromTarget() {
      return [...outwards].reduce((sum, outward) => sum + outward.bytesRead, bytesOfClosed);
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
