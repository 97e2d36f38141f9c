import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { SpanKind, trace } from "@opentelemetry/api";
import protobuf from "protobufjs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDoor, tracePath } from "../../local/deepflow/door.ts";
import type { Door, DoorRequest } from "../../local/deepflow/door.ts";

const proto = protobuf.parse(
  readFileSync(new URL("../../local/deepflow/otlp-trace.proto", import.meta.url), "utf8"),
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

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let door: Door;
let accepted: DoorRequest[];
let refusals: string[];
let exported: Uint8Array;

/** The door's answer, or the code of the error when it closes the connection without one. */
async function send(
  method: string,
  path: string,
  body: Uint8Array | string = "",
  headers: Record<string, string> = {},
): Promise<Answer | string> {
  return new Promise((resolve) => {
    const outgoing = request({ host: "127.0.0.1", port: door.port, method, path, headers, agent: false });
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

const post = (body: Uint8Array | string, headers?: Record<string, string>): Promise<Answer | string> =>
  send("POST", tracePath, body, headers);

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
  const tracer = trace.getTracer("door-test");
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
  door = await startDoor({
    address: "127.0.0.1",
    port: 0,
    onRequest: (request) => accepted.push(request),
    onRefusal: (reason) => refusals.push(reason),
  });
});
afterAll(() => door.close());
beforeEach(() => {
  accepted = [];
  refusals = [];
});

describe("What DeepFlow's door answers", () => {
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
        scope: "door-test",
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
    ["deflate by name", () => post(exported, { "content-encoding": "deflate" })],
    ["upper-case GZIP", () => post(gzipSync(exported), { "content-encoding": "GZIP" })],
    ["gzip without the header", () => post(gzipSync(exported))],
    ["the gzip header without gzip", () => post(exported, { "content-encoding": "gzip" })],
    [
      "a truncated gzip stream",
      () => post(gzipSync(exported).subarray(0, -9), { "content-encoding": "gzip" }),
    ],
    ["span kind 6", () => post(encode({ resourceSpans: [resource({}, { kind: 6 })] }))],
    ["span kind -1", () => post(encode({ resourceSpans: [resource({}, { kind: -1 })] }))],
  ])("%s closes the connection without an answer", async (_, attempt) => {
    expect(await attempt()).toBe("ECONNRESET");
    expect(accepted).toEqual([]);
    expect(refusals).toHaveLength(1);
  });

  test("a refusal closes its connection cleanly: the client sees its end, not a reset", async () => {
    const socket = connect(door.port, "127.0.0.1");
    socket.write(`POST ${tracePath} HTTP/1.1\r\nhost: door\r\ncontent-length: 1\r\n\r\n{`);
    expect(await text(socket)).toBe("");
  });

  test("a body of 20 MB is read, as there is no limit", async () => {
    const attribute = { key: "big", value: { stringValue: "x".repeat(20_000_000) } };
    const body = encode({ resourceSpans: [resource({}, { kind: 1, attributes: [attribute] })] });
    expect(await post(body)).toMatchObject({ status: 200 });
  });
});

describe("app.host.ip, which the door fills in with the sender's address", () => {
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
