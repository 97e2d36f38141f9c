/**
 * Sends spans one by one, at a steady pace, until a file appears. Over HTTP it tries an export again only
 * where the OTLP specification says so (429, 502, 503, 504:
 * https://opentelemetry.io/docs/specs/otlp/#failures-1): an export whose connection was refused or cut is
 * lost, as with SDKs that do not retry those. Over gRPC it is the real SDK, as UNAVAILABLE is to be retried
 * there.
 *
 * Standard input: JSON {stopFile, perSecond, connections}; where to is in OTEL_EXPORTER_OTLP_ENDPOINT and
 * OTEL_EXPORTER_OTLP_PROTOCOL. Standard output: JSON {traceId, sent, lost}, lost by reason.
 */
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { context, diag, DiagLogLevel, trace } from "@opentelemetry/api";
import { core, NodeSDK } from "@opentelemetry/sdk-node";
import { errorMessage } from "../../../components/error-message.ts";
import { encodeTraces } from "./encode-traces.ts";
import { pace } from "./pace.ts";

const { stopFile, perSecond, connections } = (await json(process.stdin)) as {
  stopFile: string;
  perSecond: number;
  connections: number;
};
const lost: Record<string, number> = {};
const lose = (reason: string): void => {
  lost[reason] = (lost[reason] ?? 0) + 1;
};
const result =
  process.env["OTEL_EXPORTER_OTLP_PROTOCOL"] === "grpc" ? await sendByGrpc() : await sendByHttp();
console.log(JSON.stringify({ ...result, lost }));

async function sendByHttp(): Promise<{ traceId: string; sent: number }> {
  const url = `${process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? ""}/v1/traces`;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const traceId = randomBytes(16);
  const pending = new Set<Promise<void>>();
  const post = (body: Uint8Array): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
      const sending = request(url, { method: "POST", agent, headers }, (response) => {
        response.resume();
        response.once("end", () => {
          resolve(response.statusCode ?? 0);
        });
        response.once("error", reject);
      });
      sending.once("error", reject);
      sending.end(body);
    });
  const exportSpan = async (body: Uint8Array): Promise<void> => {
    try {
      let status = await post(body);
      while ([429, 502, 503, 504].includes(status)) {
        await delay(500);
        status = await post(body);
      }
      if (status !== 200) lose(String(status));
    } catch (error) {
      lose((error as { code?: string }).code ?? String(error));
    }
  };
  const sent = await pace({ stopFile, perSecond }, () => {
    const spans = [{ traceId, spanId: randomBytes(8), name: "GET /load", kind: 2 }];
    const one = exportSpan(encodeTraces([{ scopeSpans: [{ spans }] }])).finally(() => pending.delete(one));
    pending.add(one);
  });
  await Promise.all(pending);
  agent.destroy();
  return { traceId: traceId.toString("hex"), sent };
}

async function sendByGrpc(): Promise<{ traceId: string; sent: number }> {
  Object.assign(process.env, { OTEL_BSP_SCHEDULE_DELAY: "100", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "50" });
  const ignore = (): void => undefined;
  const note = (...problem: unknown[]): void => {
    lose(problem.map(errorMessage).join(" "));
  };
  core.setGlobalErrorHandler(note);
  diag.setLogger(
    { error: note, warn: note, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.WARN,
  );
  const sdk = new NodeSDK();
  sdk.start();
  const tracer = trace.getTracer("steady-load");
  const root = tracer.startSpan("load");
  const inside = trace.setSpan(context.active(), root);
  const sent = await pace({ stopFile, perSecond }, () => {
    tracer.startSpan("call", {}, inside).end();
  });
  root.end();
  // It sends what is left, and throws what became of that.
  await sdk.shutdown().catch(note);
  return { traceId: root.spanContext().traceId, sent: sent + 1 };
}
