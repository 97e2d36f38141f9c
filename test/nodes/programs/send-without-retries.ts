/**
 * Sends spans at a steady pace, one per request, until a file appears, and tries none again, whatever the
 * answer. gRPC itself sends again what a server refuses to look at, because it is about to end
 * (https://grpc.io/docs/guides/retry/, transparent retry), as it does in every SDK.
 *
 * Standard input: JSON {protocol, address, stopFile, perSecond}, the protocol "http" or "grpc". Standard
 * output: JSON {traceId, sent, lost}, lost by reason.
 */
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { json } from "node:stream/consumers";
import { Client, credentials, status } from "@grpc/grpc-js";
import { encodeTraces } from "../../e2e/programs/encode-traces.ts";
import { pace } from "../../e2e/programs/pace.ts";

const { protocol, address, stopFile, perSecond } = (await json(process.stdin)) as {
  protocol: "grpc" | "http";
  address: string;
  stopFile: string;
  perSecond: number;
};
/** Milliseconds that an export may take, as in SDKs (OTEL_EXPORTER_OTLP_TIMEOUT). */
const timeoutMs = 10_000;
const traceId = randomBytes(16);
const lost: Record<string, number> = {};
const pending = new Set<Promise<void>>();
const exportSpan = protocol === "grpc" ? overGrpc() : overHttp();

const sent = await pace({ stopFile, perSecond }, () => {
  const spans = [{ traceId, spanId: randomBytes(8), name: "GET /load", kind: 2 }];
  const one = exportSpan(encodeTraces([{ scopeSpans: [{ spans }] }])).then((reason) => {
    pending.delete(one);
    if (reason !== undefined) lost[reason] = (lost[reason] ?? 0) + 1;
  });
  pending.add(one);
});
await Promise.all(pending);
process.stdout.write(JSON.stringify({ traceId: traceId.toString("hex"), sent, lost }), () => process.exit(0));

/** Exports a request, and returns why it was not accepted. */
type Export = (body: Uint8Array) => Promise<string | undefined>;

function overHttp(): Export {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return (body) =>
    new Promise((resolve) => {
      const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
      const url = `http://${address}/v1/traces`;
      const sending = request(url, { method: "POST", agent, headers, timeout: timeoutMs }, (response) => {
        const { statusCode } = response;
        response.once("error", (error) => {
          resolve(error.message);
        });
        response.resume().once("end", () => {
          resolve(statusCode === 200 ? undefined : String(statusCode));
        });
      });
      // Counted from when it has a connection: a busy machine's backlog is no loss.
      sending.once("timeout", () => {
        sending.destroy(new Error("no answer"));
      });
      sending.once("error", (error: NodeJS.ErrnoException) => {
        resolve(`${error.code ?? error.message}${sending.reusedSocket ? " on a kept connection" : ""}`);
      });
      sending.end(body);
    });
}

function overGrpc(): Export {
  const client = new Client(address, credentials.createInsecure());
  return (body) =>
    new Promise((resolve) => {
      client.makeUnaryRequest(
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        (bytes: Uint8Array) => Buffer.from(bytes),
        (answer) => answer,
        body,
        { deadline: Date.now() + timeoutMs },
        (error) => {
          resolve(error === null ? undefined : `${status[error.code]}: ${error.details}`);
        },
      );
    });
}
