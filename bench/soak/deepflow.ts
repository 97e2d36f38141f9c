import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { listen, type Listening } from "../../local/deepflow/listen.ts";
import { spanId, spansIn } from "../sink.ts";
import type { Ledger } from "./ledger.ts";

/** How DeepFlow answers. */
export const behaviours = [
  "right",
  "slow",
  "429",
  "500",
  "503",
  "hangs",
  "closes",
  "closes after taking",
] as const;
export type Behaviour = (typeof behaviours)[number];

/** What stands for a deepflow-agent whose answers are chosen. */
export class FaultyDeepFlow {
  readonly #ledger: Ledger;
  #behaviour: Behaviour = "right";
  #listening: Listening | undefined;
  #port = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get port(): number {
    return this.#port;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /** Listens, always at the same port. */
  async come(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#answer(request, response).catch(() => {
        request.destroy();
      });
    });
    server.keepAliveTimeout = 0;
    this.#listening = await listen(server, "127.0.0.1", this.#port);
    this.#port = this.#listening.port;
  }

  /** Nobody listens any more. */
  async go(): Promise<void> {
    await this.#listening?.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const behaviour = this.#behaviour;
    if (behaviour === "closes") {
      request.destroy();
      return;
    }
    const ids = spansIn(await buffer(request)).map(spanId);
    if (behaviour === "hangs") return;
    if (behaviour === "slow") await sleep(1_000);
    if (behaviour === "500") this.#ledger.refuseForGood(ids);
    if (behaviour === "429" || behaviour === "500" || behaviour === "503") {
      const retryAfter = behaviour === "500" ? {} : { "retry-after": "1" };
      response.writeHead(Number(behaviour), { ...retryAfter, "content-length": 0 }).end();
      return;
    }
    this.#ledger.arrive(ids);
    if (behaviour === "closes after taking") request.destroy();
    else response.writeHead(200, { "content-length": 0 }).end();
  }
}
