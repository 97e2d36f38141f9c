import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { AddressInfo, Socket } from "node:net";
import { decodeTraces, fillHostAddress, spansOf } from "./otlp.ts";
import type { Span } from "./otlp.ts";
import { plain } from "../node/sender.ts";

/** The path at which DeepFlow's agent takes OTLP traces. */
export const tracePath = "/api/v1/otel/trace";

/** One export that the door accepted. */
export interface DoorRequest {
  /** The sender's address as the door saw it, IPv4 in dotted form. */
  peerAddress: string;
  spans: Span[];
}

export interface DoorOptions {
  address: string;
  /** 0 takes any free port; DeepFlow's default (`inputs.integration.listen_port`) is 38086. */
  port: number;
  onRequest: (request: DoorRequest) => void;
  /** The sender's address; by default the connection's remote one. */
  senderOf?: (connection: Socket) => Promise<string>;
  /** Told why a connection was closed without an answer, in one sentence; DeepFlow logs that at debug level only. */
  onRefusal?: (reason: string) => void;
}

export interface Door {
  port: number;
  /** Stops listening and resolves when the requests in flight are answered. */
  close: () => Promise<void>;
}

/**
 * DeepFlow agent's integration port, as strict as the agent (agent/src/integration_collector.rs): plain HTTP/1.1,
 * protobuf only, gzip or nothing. What it cannot decode it does not answer at all: the connection closes, which an
 * OpenTelemetry Collector takes for a reason to try again.
 *
 * @throws Error when the address cannot be listened on.
 */
export async function startDoor(options: DoorOptions): Promise<Door> {
  const { address, port, onRefusal } = options;
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      request.socket.destroy();
      onRefusal?.(error instanceof Error ? error.message : String(error));
    });
  });
  // The agent's server (hyper 0.14) has no time limits; one on idle connections would race with the next export.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.listen(port, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { onRequest, senderOf = peerOf }: DoorOptions,
): Promise<void> {
  const path = request.url?.replace(/\?.*$/s, "");
  if (request.method === "GET" && path === "/") {
    // The agent serves its documentation here; its size does not matter, that it answers does.
    response.writeHead(200, { "content-type": "application/pdf" }).end("%PDF-1.4\n%%EOF\n");
  } else if (request.method === "POST" && path === tracePath) {
    // Asked before the body is read: a sender that has gone can no longer be found.
    const peerAddress = await senderOf(request.socket);
    const traces = decodeTraces(await bodyOf(request));
    fillHostAddress(traces, peerAddress);
    // Recorded before it is acknowledged: whoever has the answer may ask for the spans at once.
    onRequest({ peerAddress, spans: spansOf(traces) });
    response.writeHead(200, { "content-length": 0 }).end();
  } else {
    response.writeHead(404).end("Not Found");
  }
}

/** IPv4 through an IPv6 socket counts as IPv4, as in the agent's get_ip. */
function peerOf({ remoteAddress }: Socket): Promise<string> {
  return Promise.resolve(plain(remoteAddress));
}

/** Only the exact word `gzip` is inflated; anything else is read as it came, and then seldom is protobuf. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const body = await buffer(request);
  const encoding = request.headers["content-encoding"];
  if (encoding === "gzip") return promisify(gunzip)(body);
  if (encoding === undefined) return body;
  throw new Error(`Content-Encoding ${encoding} is unknown to DeepFlow; use gzip or no compression.`);
}
