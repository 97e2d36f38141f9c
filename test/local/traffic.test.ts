import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startIntegrationCollector, tracePath } from "../../local/deepflow/integration-collector.ts";
import type { IntegrationCollector } from "../../local/deepflow/integration-collector.ts";
import type { Span } from "../../local/deepflow/otlp.ts";

let collector: IntegrationCollector;
let spans: Span[];
beforeAll(async () => {
  collector = await startIntegrationCollector({
    address: "127.0.0.1",
    port: 0,
    onRequest: (request) => {
      spans.push(...request.spans);
    },
  });
});
afterAll(() => collector.close());
beforeEach(() => {
  spans = [];
});

/** What local/sample/traffic.ts comes to. */
async function traffic(
  input: object,
  env: Record<string, string>,
): Promise<{ exitCode: unknown; result: Record<string, unknown>; stderr: string }> {
  const program = new URL("../../local/sample/traffic.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program], {
    env: { OTEL_SERVICE_NAME: "shop", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none", ...env },
  });
  child.stdin.end(JSON.stringify(input));
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await once(child, "close")) as [unknown];
  const [stdout, stderr] = await output;
  return { exitCode, result: JSON.parse(stdout) as Record<string, unknown>, stderr };
}

const endpoint = (): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${collector.port}${tracePath}`,
});

test("one trace of the wanted size arrives: a server span and its clients", async () => {
  const { exitCode, result, stderr } = await traffic({ spans: 3 }, endpoint());
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(result).toEqual({ traceId: spans[0]?.traceId, spans: 3, exported: true });
  const root = spans.find(({ parentSpanId }) => parentSpanId === "");
  expect(root).toMatchObject({ kind: "SERVER", resource: { "service.name": "shop" } });
  expect(spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId).map(({ kind }) => kind)).toEqual([
    "CLIENT",
    "CLIENT",
  ]);
});

test("a trace larger than the SDK's queue arrives whole", async () => {
  const { result } = await traffic({ spans: 3000 }, endpoint());
  expect(result).toMatchObject({ exported: true });
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3000);
});

test.each<[string, () => Record<string, string>, string]>([
  [
    "nobody listens",
    () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT: "500" }),
    "ECONNREFUSED",
  ],
  [
    "nobody listens to gRPC",
    () => ({
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
    }),
    "ECONNREFUSED",
  ],
  [
    "the path is wrong",
    () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` }),
    "Not Found",
  ],
  ["there is no exporter", () => ({ OTEL_TRACES_EXPORTER: "none" }), "records nothing"],
  ["the SDK is disabled", () => ({ ...endpoint(), OTEL_SDK_DISABLED: "true" }), "records nothing"],
  ["nothing is sampled", () => ({ ...endpoint(), OTEL_TRACES_SAMPLER: "always_off" }), "records nothing"],
])("it fails when %s", async (_, env, message) => {
  const { exitCode, result } = await traffic({ spans: 2 }, env());
  expect(exitCode).toBe(1);
  expect(result).toMatchObject({ exported: false, error: expect.stringContaining(message) as string });
  expect(spans).toEqual([]);
});
