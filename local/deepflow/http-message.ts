import { STATUS_CODES } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";

/** A request, whichever version of HTTP it came in. */
export interface HttpRequest {
  method: string;
  /** Without authority, query and fragment. */
  path: string;
  /** The first Content-Encoding of the request as it was written. */
  contentEncoding: string | undefined;
  socket: Socket;
  /** Reads the body whole, whatever its size; rejects with a BodyError when it does not come whole. */
  body: () => Promise<Buffer>;
}

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Empty unless given. */
  body?: string;
}

/** Why a body could not be read; the connection is seen to already. */
export class BodyError extends Error {}

export function requestOf(
  request: IncomingMessage | Http2ServerRequest,
  body: () => Promise<Buffer>,
): HttpRequest {
  const { method = "", url = "", rawHeaders, socket } = request;
  const index = rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === "content-encoding");
  return {
    method,
    // A target may name its server, too (RFC 9112, 3.2.2).
    path: url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "") || "/",
    contentEncoding: index < 0 ? undefined : rawHeaders[index + 1],
    socket,
    body,
  };
}

export function reply(
  response: ServerResponse | Http2ServerResponse,
  { status, headers, body = "" }: HttpAnswer,
): void {
  response.statusCode = status;
  const all = { ...headers, "content-length": String(Buffer.byteLength(body)) };
  for (const [name, value] of Object.entries(all)) response.setHeader(name, value);
  response.end(body);
}

/** Answers without the help of Node's server, and closes the connection. */
export function end(socket: Socket, httpVersion: string, { status, headers, body = "" }: HttpAnswer): void {
  const all = { ...headers, "content-length": Buffer.byteLength(body), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  if (socket.writable) {
    socket.write(
      `HTTP/${httpVersion} ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`,
    );
  }
  socket.destroySoon();
}
