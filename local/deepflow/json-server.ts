import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import type { Answer } from "./controller-answer.ts";
import { send, takeFault, type FaultRule } from "./controller-faults.ts";
import { listen } from "./listen.ts";

export interface JsonServerOptions {
  /** By default 127.0.0.1. */
  address?: string;
  /** By default any free one. */
  port?: number;
  answer: (request: { method: string; url: string; headers: IncomingHttpHeaders; body: string }) => Answer;
}

/** A running stand-in that speaks HTTP. */
export interface JsonServer {
  url: string;
  port: number;
  /** What is to go wrong: push a rule to hit the next matching request. */
  faults: FaultRule[];
  /** Stops at once. */
  stop: () => Promise<void>;
}

/**
 * Serves answers over HTTP.
 *
 * @throws Error when the address cannot be listened on.
 */
export async function startJsonServer(options: JsonServerOptions): Promise<JsonServer> {
  const { address = "127.0.0.1", port = 0, answer } = options;
  const faults: FaultRule[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    text(request).then(
      (body) => {
        send(response, answer({ method, url, headers, body }), takeFault(faults, method, url));
      },
      () => response.destroy(),
    );
  });
  const listening = await listen(server, address, port);
  return {
    url: `http://${address}:${listening.port}`,
    port: listening.port,
    faults,
    stop: listening.stop,
  };
}
