import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Stops at once, hanging requests included. */
  readonly stop: () => Promise<void>;
}

/**
 * Makes a server listen.
 *
 * @throws Error when the address cannot be listened on.
 */
export async function listen(server: Server, address: string, port: number): Promise<Listening> {
  server.listen(port, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
