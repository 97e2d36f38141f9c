/** Sends as many traces of two spans as its input, JSON {traces}, says, and prints their ids as JSON. */
import { json } from "node:stream/consumers";
import { context, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

const { traces } = (await json(process.stdin)) as { traces: number };
const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer("many-traces");
const traceIds = Array.from({ length: traces }, () => {
  const root = tracer.startSpan("root");
  tracer.startSpan("child", {}, trace.setSpan(context.active(), root)).end();
  root.end();
  return root.spanContext().traceId;
});
await sdk.shutdown();
console.log(JSON.stringify(traceIds));
