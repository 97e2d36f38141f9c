import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { listen } from "../local/deepflow/listen.ts";

export interface Sink {
  readonly port: number;
  /** Spans and bytes, as they came, since the start. */
  readonly received: { spans: number; bytes: number };
  /** Ids of the spans since it was called last, in hexadecimal. */
  readonly takeIds: () => string[];
  readonly stop: () => Promise<void>;
}

/** Takes OTLP/HTTP traces and counts them, at little cost of its own. */
export async function startSink(): Promise<Sink> {
  const received = { spans: 0, bytes: 0 };
  let spans: Buffer[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.bytes += body.length;
      const found = spansIn(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
      received.spans += found.length;
      spans.push(...found);
      response.writeHead(200, { "content-length": 0 }).end();
    });
  });
  server.keepAliveTimeout = 0;
  const { port, stop } = await listen(server, "127.0.0.1", 0);
  return {
    port,
    stop,
    received,
    takeIds: () => {
      const ids = spans.map(spanId);
      spans = [];
      return ids;
    },
  };
}

/** Spans of an ExportTraceServiceRequest: fields 1 (ResourceSpans), 2 (ScopeSpans), 2 (Span). */
export function spansIn(body: Buffer): Buffer[] {
  return fields(body, 1)
    .flatMap((resourceSpans) => fields(resourceSpans, 2))
    .flatMap((scopeSpans) => fields(scopeSpans, 2));
}

/** The id of a span, in hexadecimal. */
export function spanId(span: Buffer): string {
  return spanIdBytes(span).toString("hex");
}

/** The id of a span, its field 2, where it lies in the message. */
export function spanIdBytes(span: Buffer): Buffer {
  return fields(span, 2)[0] ?? Buffer.alloc(0);
}

/** The contents of a message's length-delimited fields of that number. */
function fields(message: Buffer, number: number): Buffer[] {
  const found: Buffer[] = [];
  let position = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[position++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) position += 8;
    else if (wireType === 5) position += 4;
    else {
      const length = varint();
      if (tag >> 3 === number) found.push(message.subarray(position, position + length));
      position += length;
    }
  }
  return found;
}
