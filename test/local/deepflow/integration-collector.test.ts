import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { SpanKind, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK } from "@opentelemetry/sdk-node";
import protobuf from "protobufjs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  integrationSocketError,
  startIntegrationCollector,
  tracePath,
} from "../../../local/deepflow/integration-collector.ts";
import type {
  IntegrationCollector,
  IntegrationCollectorOptions,
  TraceExport,
} from "../../../local/deepflow/integration-collector.ts";

const proto = protobuf.parse(
  readFileSync(new URL("../../../local/deepflow/otlp-trace.proto", import.meta.url), "utf8"),
).root;
const tracesData = proto.lookupType("otlp.TracesData");

/** A TracesData message from its JSON form. */
function encode(message: object): Uint8Array {
  return tracesData.encode(tracesData.fromObject(message)).finish();
}

function resource(attributes: Record<string, string>, span: object = { name: "s", kind: 2 }): object {
  const pairs = Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return { resource: { attributes: pairs }, scopeSpans: [{ spans: [span] }] };
}

type Headers = Record<string, string | string[]>;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let collector: IntegrationCollector;
let accepted: TraceExport[];
let decodeErrors: string[];
let panics: string[];
let exported: Uint8Array;

const start = (options: Partial<IntegrationCollectorOptions> = {}): Promise<IntegrationCollector> =>
  startIntegrationCollector({
    address: "127.0.0.1",
    port: 0,
    onRequest: (request) => accepted.push(request),
    onDecodeError: (reason) => decodeErrors.push(reason),
    onPanic: (reason) => panics.push(reason),
    ...options,
  });

/** The integration collector's answer, or the code of the error when it closes the connection without one. */
async function send(
  method: string,
  path: string,
  body: Uint8Array | string = "",
  headers: Headers = {},
  { port } = collector,
): Promise<Answer | string> {
  return new Promise((resolve) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    outgoing.on("response", (response) => {
      void text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
      });
    });
    outgoing.end(body);
  });
}

const post = (body: Uint8Array | string, headers?: Headers): Promise<Answer | string> =>
  send("POST", tracePath, body, headers);

function withoutChecksum(gzip: Buffer): Buffer {
  return Buffer.from(gzip).fill(0, gzip.length - 8, gzip.length - 4);
}

/** A gzip stream with an extra field, a name, a comment and a header checksum (RFC 1952, 2.3). */
function withGzipFields(gzip: Buffer): Buffer {
  const fields = Buffer.concat([
    Buffer.from([2, 0, 7, 7]),
    Buffer.from("name\0comment\0"),
    Buffer.from([1, 2]),
  ]);
  const header = Buffer.from(gzip.subarray(0, 10));
  header[3] = 2 | 4 | 8 | 16;
  return Buffer.concat([header, fields, gzip.subarray(10)]);
}

/** The body of an export as the real SDK's real exporter sends it. */
async function realExport(): Promise<Uint8Array> {
  const { promise: body, resolve } = Promise.withResolvers<Uint8Array>();
  const server = createServer((incoming, outgoing) => {
    void buffer(incoming).then((bytes) => {
      outgoing.end();
      resolve(bytes);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const sdk = new NodeSDK({
    autoDetectResources: false,
    serviceName: "shop",
    metricReaders: [],
    logRecordProcessors: [],
    traceExporter: new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` }),
  });
  sdk.start();
  const tracer = trace.getTracer("test");
  tracer
    .startSpan("GET /cart", {
      kind: SpanKind.SERVER,
      attributes: { "http.request.method": "GET", items: 3, ratio: 0.5, warm: true, tags: ["a", "b"] },
    })
    .end();
  await sdk.shutdown();
  server.close();
  return body;
}

beforeAll(async () => {
  exported = await realExport();
  collector = await start();
});
afterAll(() => collector.close());
beforeEach(() => {
  accepted = [];
  decodeErrors = [];
  panics = [];
});

describe("What the integration collector answers", () => {
  test("GET / is answered with a PDF, and records nothing", async () => {
    expect(await send("GET", "/")).toMatchObject({
      status: 200,
      headers: { "content-type": "application/pdf" },
    });
    expect(accepted).toEqual([]);
  });

  test("an export of the real SDK is accepted with an empty body and recorded whole", async () => {
    expect(await post(exported)).toMatchObject({ status: 200, body: "" });
    expect(accepted).toHaveLength(1);
    expect(accepted[0]?.peerAddress).toBe("127.0.0.1");
    expect(accepted[0]?.spans).toEqual([
      {
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        parentSpanId: "",
        name: "GET /cart",
        kind: "SERVER",
        startTimeUnixNano: expect.stringMatching(/^\d{19}$/) as string,
        endTimeUnixNano: expect.stringMatching(/^\d{19}$/) as string,
        statusCode: "UNSET",
        resource: expect.objectContaining({ "service.name": "shop", "app.host.ip": "127.0.0.1" }) as object,
        attributes: { "http.request.method": "GET", items: 3, ratio: 0.5, warm: true, tags: ["a", "b"] },
        scope: "test",
        links: [],
      },
    ]);
  });

  test("gzip is inflated", async () => {
    expect(await post(gzipSync(exported), { "content-encoding": "gzip" })).toMatchObject({ status: 200 });
    expect(accepted[0]?.spans).toHaveLength(1);
  });

  test("the content type does not matter", async () => {
    expect(await post(exported, { "content-type": "text/plain" })).toMatchObject({ status: 200 });
  });

  test("a query string does not matter", async () => {
    expect(await send("POST", `${tracePath}?a=b`, exported)).toMatchObject({ status: 200 });
  });

  test("an empty body is an export without spans", async () => {
    expect(await post("")).toMatchObject({ status: 200 });
    expect(accepted[0]?.spans).toEqual([]);
  });

  test.each([
    ["POST", "/v1/traces"],
    ["POST", `${tracePath}/`],
    ["POST", `${tracePath}/v1/traces`],
    ["POST", "/v1/metrics"],
    ["POST", "/v1/logs"],
    ["POST", "/"],
    ["GET", tracePath],
    ["PUT", tracePath],
    ["HEAD", "/"],
  ])("%s %s is not found", async (method, path) => {
    expect(await send(method, path, method === "POST" ? exported : "")).toMatchObject({
      status: 404,
      body: method === "HEAD" ? "" : "Not Found",
    });
    expect(accepted).toEqual([]);
  });

  test.each<[string, () => Promise<Answer | string>]>([
    ["JSON", () => post('{"resourceSpans":[]}', { "content-type": "application/json" })],
    ["truncated protobuf", () => post(exported.subarray(0, -1))],
    ["zstd", () => post(zstdCompressSync(exported), { "content-encoding": "zstd" })],
    ["deflate", () => post(deflateSync(exported), { "content-encoding": "deflate" })],
    ["upper-case GZIP", () => post(gzipSync(exported), { "content-encoding": "GZIP" })],
    ["gzip without the header", () => post(gzipSync(exported))],
    ["the gzip header without gzip", () => post(exported, { "content-encoding": "gzip" })],
    ["the gzip header over nothing", () => post("", { "content-encoding": "gzip" })],
    [
      "a gzip stream with a wrong checksum",
      () => post(withoutChecksum(gzipSync(exported)), { "content-encoding": "gzip" }),
    ],
    [
      "a truncated gzip stream",
      () => post(gzipSync(exported).subarray(0, -9), { "content-encoding": "gzip" }),
    ],
  ])("%s closes the connection without an answer", async (_, attempt) => {
    expect(await attempt()).toBe("ECONNRESET");
    expect(accepted).toEqual([]);
    expect(decodeErrors).toHaveLength(1);
  });

  test.each<[string, () => Promise<Answer | string>]>([
    ["Content-Encoding identity", () => post(exported, { "content-encoding": "identity" })],
    ["zstd named over a plain body", () => post(exported, { "content-encoding": "zstd" })],
    ["snappy named over a plain body", () => post(exported, { "content-encoding": "snappy" })],
    ["deflate named over a plain body", () => post(exported, { "content-encoding": "deflate" })],
    ["gzip before identity", () => post(gzipSync(exported), { "content-encoding": ["gzip", "identity"] })],
    ["identity before gzip", () => post(exported, { "content-encoding": ["identity", "gzip"] })],
    [
      "gzip followed by garbage",
      () => post(Buffer.concat([gzipSync(exported), Buffer.from("rest")]), { "content-encoding": "gzip" }),
    ],
    [
      "gzip followed by further gzip, which is not read",
      () => post(Buffer.concat([gzipSync(exported), gzipSync(exported)]), { "content-encoding": "gzip" }),
    ],
    [
      "gzip with every optional field of its header",
      () => post(withGzipFields(gzipSync(exported)), { "content-encoding": "gzip" }),
    ],
  ])("%s is accepted", async (_, attempt) => {
    expect(await attempt()).toMatchObject({ status: 200 });
    expect(accepted.flatMap(({ spans }) => spans)).toHaveLength(1);
  });

  test("zstd named over an empty body is accepted", async () => {
    expect(await post("", { "content-encoding": "zstd" })).toMatchObject({ status: 200 });
  });

  test.each([
    ...["/api/v1/log", "/api/v1/prometheus", "/api/v1/telegraf", "/api/v1/profile/ingest?name=a"],
    ...["/api/v0.2/traces", "/v0.3/traces", "/v0.4/traces", "/v0.5/traces", "/v0.7/traces"],
  ])("%s takes any body, and none of its spans", async (path) => {
    expect(await send("POST", path, exported)).toMatchObject({ status: 200, body: "" });
    expect(await send("POST", path, "no protobuf")).toMatchObject({ status: 200, body: "" });
    expect(accepted).toEqual([]);
  });

  test("a body of 70 MB is read, as there is no limit", async () => {
    const attribute = { key: "big", value: { stringValue: "x".repeat(70_000_000) } };
    const body = encode({ resourceSpans: [resource({}, { kind: 1, attributes: [attribute] })] });
    expect(await post(body)).toMatchObject({ status: 200 });
  });
});

describe("a string that is not UTF-8 closes the connection without an answer, wherever it is", () => {
  const keyValue = { key: "KEY", value: { stringValue: "VALUE" } };
  const everyString = {
    resourceSpans: [
      {
        schemaUrl: "RESOURCE_SCHEMA",
        resource: { attributes: [{ key: "RESOURCE_KEY", value: { stringValue: "RESOURCE_VALUE" } }] },
        scopeSpans: [
          {
            schemaUrl: "SCOPE_SCHEMA",
            scope: {
              name: "SCOPE_NAME",
              version: "SCOPE_VERSION",
              attributes: [{ key: "SCOPE_KEY", value: { stringValue: "SCOPE_VALUE" } }],
            },
            spans: [
              {
                name: "SPAN_NAME",
                traceState: "TRACE_STATE",
                attributes: [
                  keyValue,
                  { key: "list", value: { arrayValue: { values: [{ stringValue: "LIST_VALUE" }] } } },
                  {
                    key: "map",
                    value: {
                      kvlistValue: { values: [{ key: "MAP_KEY", value: { stringValue: "MAP_VALUE" } }] },
                    },
                  },
                ],
                events: [
                  {
                    name: "EVENT_NAME",
                    attributes: [{ key: "EVENT_KEY", value: { stringValue: "EVENT_VALUE" } }],
                  },
                ],
                links: [
                  {
                    traceState: "LINK_STATE",
                    attributes: [{ key: "LINK_KEY", value: { stringValue: "LINK_VALUE" } }],
                  },
                ],
                status: { message: "STATUS_MESSAGE" },
              },
            ],
          },
        ],
      },
    ],
  };
  const strings = JSON.stringify(everyString).match(/\b[A-Z_]{3,}\b/g) ?? [];

  test("there are 22 places", () => {
    expect(new Set(strings).size).toBe(22);
  });

  test.each(strings)("%s", async (string) => {
    const bytes = Buffer.from(encode(everyString));
    bytes[bytes.indexOf(string)] = 0xff;
    expect(await post(bytes)).toBe("ECONNRESET");
    expect(accepted).toEqual([]);
    expect(decodeErrors).toHaveLength(1);
  });

  test("what the agent's protocol does not know may hold anything: entities and flags came later", async () => {
    const entity = Buffer.from([0x0a, 2, 0x1a, 0]);
    const flags = [0x82, 0x01, 2, 0xff, 0xff];
    const spans = Buffer.from([0x12, 2 + flags.length, 0x12, flags.length, ...flags]);
    const badEntity = Buffer.from([0x0a, 5, 0x1a, 3, 0x0a, 1, 0xff]);
    for (const resourceSpans of [Buffer.concat([entity, spans]), badEntity]) {
      expect(
        await post(Buffer.concat([Buffer.from([0x0a, resourceSpans.length]), resourceSpans])),
      ).toMatchObject({
        status: 200,
      });
    }
  });
});

describe("A span kind outside 0 to 5, on which the agent panics", () => {
  const withKind = (kind: number): Uint8Array =>
    encode({ resourceSpans: [resource({}), resource({}, { name: "s", kind })] });

  test.each([6, 9, -1])(
    "kind %i ends the integration collector and leaves nothing of its request",
    async (kind) => {
      const doomed = await start();
      expect(await send("POST", tracePath, withKind(0), {}, doomed)).toMatchObject({ status: 200 });
      expect(await send("POST", tracePath, withKind(kind), {}, doomed)).toBe("ECONNRESET");
      expect(await send("POST", tracePath, withKind(0), {}, doomed)).toBe("ECONNREFUSED");
      expect(panics).toEqual([`${kind} is no span kind; the protocol has 0 to 5.`]);
      expect(decodeErrors).toEqual([]);
      expect(accepted).toHaveLength(1);
    },
  );

  test("a request that is not decoded is no reason to panic", async () => {
    expect(await post(Buffer.concat([withKind(9), Buffer.from([0x0a, 9])]))).toBe("ECONNRESET");
    expect(panics).toEqual([]);
  });

  test("requests in flight are cut, and nothing of them is recorded", async () => {
    const asked: (() => void)[] = [];
    let onAsked: () => void = () => undefined;
    const doomed = await start({
      senderOf: async () => {
        await new Promise<void>((proceed) => {
          asked.push(proceed);
          onAsked();
        });
        return "10.0.0.1";
      },
    });
    const inFlight = async (kind: number): Promise<{ answer: Promise<unknown> }> => {
      const arrived = new Promise<void>((resolve) => (onAsked = resolve));
      const answer = send("POST", tracePath, withKind(kind), {}, doomed);
      await arrived;
      return { answer };
    };
    const [innocent, guilty] = [await inFlight(0), await inFlight(9)];
    asked[1]?.();
    expect(await Promise.all([innocent.answer, guilty.answer])).toEqual(["ECONNRESET", "ECONNRESET"]);
    asked[0]?.();
    await new Promise(setImmediate);
    expect(accepted).toEqual([]);
    expect(panics).toHaveLength(1);
  });
});

describe("A body that does not come whole", () => {
  test.each([
    ["cut off", "content-length: 3\r\n\r\nab"],
    ["with a broken chunk", "transfer-encoding: chunked\r\n\r\nzz\r\n"],
  ])(
    "%s is answered with 500 and sets the exception INTEGRATION_SOCKET_ERROR, which stays",
    async (_, rest) => {
      const fresh = await start();
      expect(fresh.exceptions()).toBe(0);
      const socket = connect(fresh.port, "127.0.0.1");
      socket.end(`POST ${tracePath} HTTP/1.1\r\n${rest}`);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 500 /);
      expect(fresh.exceptions()).toBe(integrationSocketError);
      expect(await send("POST", tracePath, exported, {}, fresh)).toMatchObject({ status: 200 });
      expect(fresh.exceptions()).toBe(262144);
      expect(accepted).toHaveLength(1);
      await fresh.close();
    },
  );
});

describe("app.host.ip, which the integration collector fills in with the sender's address", () => {
  /** What each of the resources ends up with. */
  async function hostAddresses(...resources: object[]): Promise<unknown[]> {
    expect(await post(encode({ resourceSpans: resources }))).toMatchObject({ status: 200 });
    return accepted.flatMap(({ spans }) => spans.map((span) => span.resource["app.host.ip"]));
  }

  test("every resource gets it when none has it", async () => {
    expect(await hostAddresses(resource({}), resource({}))).toEqual(["127.0.0.1", "127.0.0.1"]);
  });

  test("a resource that has it keeps it", async () => {
    expect(await hostAddresses(resource({ "app.host.ip": "10.244.1.5" }))).toEqual(["10.244.1.5"]);
  });

  test("once one resource had it, later ones get nothing, while earlier ones got the sender's", async () => {
    expect(
      await hostAddresses(
        resource({}),
        resource({ "app.host.ip": "10.244.1.5" }),
        resource({}),
        resource({}),
      ),
    ).toEqual(["127.0.0.1", "10.244.1.5", undefined, undefined]);
  });

  test("the next request starts anew", async () => {
    await hostAddresses(resource({ "app.host.ip": "10.244.1.5" }));
    accepted = [];
    expect(await hostAddresses(resource({}))).toEqual(["127.0.0.1"]);
  });

  test("a span's own attribute of that name does not count", async () => {
    const attributes = [{ key: "app.host.ip", value: { stringValue: "10.244.1.5" } }];
    expect(await hostAddresses(resource({}, { kind: 1, attributes }))).toEqual(["127.0.0.1"]);
  });

  test("spans that have no resource at all get none", async () => {
    expect(await hostAddresses({ scopeSpans: [{ spans: [{ kind: 1 }] }] })).toEqual([undefined]);
  });
});
