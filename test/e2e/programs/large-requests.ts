/**
 * Sends large export requests over HTTP, several at a time and for some seconds, and tries none again.
 *
 * Standard input: LargeRequests. Standard output: JSON {traceId, accepted, answers}: spans of accepted
 * requests, and how often each status or error was the answer.
 */
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { LargeRequests } from "../deepflow-away.ts";
import { encodeTraces } from "./encode-traces.ts";

const { parallel, requestMib, seconds, same = false } = (await json(process.stdin)) as LargeRequests;
const url = `${process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? ""}/v1/traces`;
const traceId = randomBytes(16);
/** A span with twelve attributes takes some 800 bytes. */
const spansPerRequest = Math.floor((requestMib * 1024 * 1024) / 800);
const attributes = Array.from({ length: 12 }, (_, index) => ({
  key: `load.attribute.number.${index}`,
  value: { stringValue: "value ".repeat(4) },
}));

function body(): Uint8Array {
  const spans = Array.from({ length: spansPerRequest }, () => ({
    ...{ traceId, spanId: randomBytes(8), name: "GET /large", kind: 2, attributes },
  }));
  return encodeTraces([{ scopeSpans: [{ spans }] }]);
}

function post(content: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/x-protobuf", "content-length": content.length };
    const sending = request(url, { method: "POST", headers, agent: false }, (response) => {
      response.resume();
      response.once("end", () => {
        resolve(String(response.statusCode));
      });
    });
    sending.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    sending.end(content);
  });
}

const answers: Record<string, number> = {};
let accepted = 0;
// Made before the first is sent, so that they come at the same time.
const made = body();
const bodies = Array.from({ length: parallel }, (_, index) => (same || index === 0 ? made : body()));
const end = Date.now() + seconds * 1000;
await Promise.all(
  bodies.map(async (first) => {
    let next: Uint8Array | undefined = first;
    while (Date.now() < end) {
      const answer = await post(next ?? body());
      answers[answer] = (answers[answer] ?? 0) + 1;
      // What was refused may go again; what was accepted must not.
      if (answer === "200" && !same) {
        accepted += spansPerRequest;
        next = undefined;
      }
      await delay(200);
    }
  }),
);
console.log(JSON.stringify({ traceId: traceId.toString("hex"), accepted, answers }));
