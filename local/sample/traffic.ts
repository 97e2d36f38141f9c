/**
 * Sends one trace with the real OpenTelemetry SDK, configured by the OTEL_* variables of its environment
 * alone.
 *
 * Standard input: JSON `{"spans": n}`, a root span and n - 1 children (1 if left out). Standard output: JSON
 * `{traceId, spans, exported, error?}`. Exit code 0 only when the exporter reported success for every span.
 */
import { json } from "node:stream/consumers";
import { context, diag, DiagLogLevel, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { core, NodeSDK } from "@opentelemetry/sdk-node";
import { errorMessage } from "../cluster/terminal/error-message.ts";

/** Spans between two flushes: below the SDK's queue of 2,048, which drops what does not fit. */
const flushEvery = 500;

const problems: string[] = [];
const note = (...problem: unknown[]): void => {
  problems.push(problem.map(errorMessage).join(" "));
};
// Where batches go that are exported in between, and where a partial success shows: as a warning only.
core.setGlobalErrorHandler(note);
const ignore = (): void => undefined;
diag.setLogger({ error: note, warn: note, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);

const { spans = 1 } = (process.stdin.isTTY ? {} : await json(process.stdin)) as { spans?: number };
const sdk = new NodeSDK();
sdk.start();

/** Waits until everything so far is exported; a failed export rejects here. */
async function flush(): Promise<void> {
  const provider = trace.getTracerProvider() as { getDelegate?: () => { forceFlush?: () => Promise<void> } };
  try {
    await provider.getDelegate?.().forceFlush?.();
  } catch (errors) {
    for (const error of [errors].flat()) note(error);
  }
}

const tracer = trace.getTracer("sample-traffic");
const root = tracer.startSpan("GET /sample", {
  kind: SpanKind.SERVER,
  attributes: { "http.request.method": "GET", "url.path": "/sample", "http.response.status_code": 200 },
});
if (!root.isRecording()) {
  note(
    "The SDK records nothing: OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER or OTEL_TRACES_SAMPLER turns traces off.",
  );
}
const insideRoot = trace.setSpan(context.active(), root);
for (let child = 1; child < spans; child += 1) {
  const span = tracer.startSpan(
    "sample.Backend/Call",
    { kind: SpanKind.CLIENT, attributes: { "rpc.system": "grpc", "sample.child": child } },
    insideRoot,
  );
  span.setStatus({ code: SpanStatusCode.OK });
  span.end();
  if (child % flushEvery === 0) await flush();
}
root.end();
await flush();
await sdk.shutdown().catch(note);

const exported = problems.length === 0;
const { traceId } = root.spanContext();
console.log(
  JSON.stringify({ traceId, spans, exported, ...(exported ? {} : { error: problems.join("; ") }) }),
);
process.exitCode = exported ? 0 : 1;
