/**
 * Sends a span by Jaeger's own client, over Thrift and HTTP, configured by the JAEGER_* variables of its
 * environment alone. Standard output: JSON `{traceId, error?}`.
 */
import { createRequire } from "node:module";

interface Span {
  context: () => { toTraceId: () => string };
  finish: () => void;
}

interface Tracer {
  startSpan: (name: string) => Span;
  close: (done: () => void) => void;
}

/** What is used of the package, which has no types. */
interface JaegerClient {
  initTracerFromEnv: (
    config: object,
    options: { logger: { info: () => void; error: (text: string) => void } },
  ) => Tracer;
}

const { initTracerFromEnv } = createRequire(import.meta.url)("jaeger-client") as JaegerClient;
const errors: string[] = [];
const logger = { info: () => undefined, error: (text: string) => void errors.push(text) };
const tracer = initTracerFromEnv({}, { logger });
const span = tracer.startSpan("GET /jaeger");
span.finish();
await new Promise<void>((done) => {
  tracer.close(done);
});
const error = errors.length > 0 ? { error: errors.join("; ") } : {};
// It has 64 bits; OTLP has 128, the first of which are then zero.
console.log(JSON.stringify({ traceId: span.context().toTraceId().padStart(32, "0"), ...error }));
