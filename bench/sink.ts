import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

export interface Sink {
  readonly port: number;
  /** Spans and bytes, as they came, since the start. */
  readonly received: { spans: number; bytes: number };
  readonly close: () => void;
}

/** Takes OTLP/HTTP traces and counts them, at little cost of its own. */
export async function startSink(): Promise<Sink> {
  const received = { spans: 0, bytes: 0 };
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.bytes += body.length;
      received.spans += spansIn(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
      response.writeHead(200, { "content-length": 0 }).end();
    });
  });
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Spans of an ExportTraceServiceRequest: fields 1 (ResourceSpans), 2 (ScopeSpans), 2 (Span). */
function spansIn(body: Buffer): number {
  let spans = 0;
  for (const resourceSpans of fields(body, 1))
    for (const scopeSpans of fields(resourceSpans, 2)) spans += fields(scopeSpans, 2).length;
  return spans;
}

/** The contents of a message's fields of that number, where all its fields are length-delimited. */
function fields(message: Buffer, number: number): Buffer[] {
  const found: Buffer[] = [];
  let position = 0;
  while (position < message.length) {
    const tag = message[position++] ?? 0;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[position++] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (tag >> 3 === number) found.push(message.subarray(position, position + length));
    position += length;
  }
  return found;
}
