import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Address } from "./address.ts";
import type { RegistryRequest } from "./registry.ts";

/** A request, for whatever protocol it stands. */
export interface Request extends RegistryRequest {
  readonly headers?: Record<string, string>;
}

/** What became of a request. */
export interface Exchange {
  /** The address that was dialled; absent if the host has none. */
  readonly peer?: string | undefined;
  /** Why there is no good answer, a phrase. */
  readonly error?: string;
  readonly body: string;
}

/**
 * Sends a request over a connection of its own. It waits as long as that takes: a callee calls others before
 * it answers, and in the cluster's network no address is silent.
 */
export async function exchange(
  { host, port }: Address,
  { method, path, headers = {} }: Request,
): Promise<Exchange> {
  let peer: string | undefined;
  try {
    // Not left to the connection, which no longer knows whom it was with when it is reset at once.
    ({ address: peer } = await lookup(host));
    const outgoing = request({ host: peer, port, method, path, headers, agent: false }).end();
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const body = await text(incoming);
    const { statusCode = 0 } = incoming;
    return { peer, body, ...(statusCode !== 200 && { error: `it answered ${statusCode}` }) };
  } catch (error) {
    return { peer, error: phrase(error), body: "" };
  }
}

const phrases: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ENOTFOUND: "no such host",
  ENETUNREACH: "no way to that address",
  EHOSTUNREACH: "no way to that address",
};

function phrase(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ("code" in error ? phrases[String(error.code)] : undefined) ?? error.message;
}
