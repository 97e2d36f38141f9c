import { once } from "node:events";
import type { EventEmitter } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startHttpServer } from "../../../local/deepflow/http-server.ts";
import type { HttpServer, HttpServerOptions } from "../../../local/deepflow/http-server.ts";

let server: HttpServer;
let bodies: string[];
let bodyErrors: string[];

/** Reads every body, and refuses what is sent to /refuse. */
const start = (options: Partial<HttpServerOptions> = {}): Promise<HttpServer> =>
  startHttpServer({
    address: "127.0.0.1",
    port: 0,
    handle: async (request) => {
      if (request.path === "/unread") return { status: 404, body: "Not Found" };
      bodies.push(`${request.path} ${String(await request.body())}`);
      if (request.path === "/refuse") throw new Error("Refused.");
      return { status: 200, headers: { "content-type": "text/plain" }, body: "ok" };
    },
    onError: () => undefined,
    onBodyError: (reason) => bodyErrors.push(reason),
    ...options,
  });

beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());
beforeEach(() => {
  bodies = [];
  bodyErrors = [];
});

/** All that the server answers to `request`; the client's side ends first only if told so. */
async function raw(request: string, { halfClose = false } = {}): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  socket.write(request);
  if (halfClose) socket.end();
  return text(socket);
}
const head = (...lines: string[]): string => `${lines.join("\r\n")}\r\n\r\n`;

/** Resolves when `emitter` has closed, with an error or without. */
function closeOf(emitter: EventEmitter): Promise<void> {
  emitter.on("error", () => undefined);
  return new Promise((resolve) => emitter.on("close", resolve));
}

/** The status over HTTP/2, or undefined where the stream ended without one; and the stream's error code. */
async function overHttp2(
  path: string,
  send: (stream: ReturnType<ReturnType<typeof connectHttp2>["request"]>) => void,
): Promise<{ status: unknown; code: number; body: string }> {
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const stream = session.request({ ":method": "POST", ":path": path });
  let status: unknown;
  let body = "";
  stream.on("response", (headers) => {
    status = headers[":status"];
  });
  stream.on("data", (bytes: Buffer) => (body += bytes.toString()));
  send(stream);
  await closeOf(stream);
  session.close();
  return { status, code: stream.rstCode, body };
}

test("HTTP/2 with prior knowledge is served on the same port", async () => {
  expect(await overHttp2("/a?b", (stream) => stream.end("body"))).toEqual({
    status: 200,
    code: 0,
    body: "ok",
  });
  expect(bodies).toEqual(["/a body"]);
});

test("what the handler throws resets an HTTP/2 stream with INTERNAL_ERROR", async () => {
  expect(await overHttp2("/refuse", (stream) => stream.end("body"))).toMatchObject({
    status: undefined,
    code: constants.NGHTTP2_INTERNAL_ERROR,
  });
});

test("an HTTP/2 body that is cut off is an error of the body", async () => {
  await overHttp2("/a", (stream) => {
    stream.write("bo", () => {
      // The server must have seen the request before it can miss the rest.
      stream.session?.ping(() => {
        stream.close(constants.NGHTTP2_CANCEL);
      });
    });
  });
  // Its end is seen by the server once it has answered something sent after it.
  await overHttp2("/b", (stream) => stream.end("body"));
  expect(bodies).toEqual(["/b body"]);
  expect(bodyErrors).toEqual([expect.stringContaining("reset")]);
});

test("a target that names its server is served", async () => {
  const request = head(
    "POST http://elsewhere.example/a?b HTTP/1.1",
    "connection: close",
    "content-length: 0",
  );
  expect(await raw(request)).toMatch(/^HTTP\/1\.1 200 /);
  expect(bodies).toEqual(["/a "]);
});

test("a request without a Host is served", async () => {
  expect(await raw(head("POST /a HTTP/1.1", "connection: close", "content-length: 0"))).toMatch(/ 200 /);
});

test("a header of 20 KB is served", async () => {
  const large = `x-large: ${"x".repeat(20_000)}`;
  expect(await raw(head("POST /a HTTP/1.1", large, "connection: close", "content-length: 0"))).toMatch(
    / 200 /,
  );
});

test("a hundred headers are served, and more are answered with 431", async () => {
  const headers = (count: number): string[] =>
    Array.from({ length: count - 2 }, (_, index) => `x-${index}: 1`);
  const request = (count: number): string =>
    head("POST /a HTTP/1.1", ...headers(count), "connection: close", "content-length: 0");
  expect(await raw(request(100))).toMatch(/^HTTP\/1\.1 200 /);
  for (const count of [101, 150]) expect(await raw(request(count))).toMatch(/^HTTP\/1\.1 431 /);
});

test("a head beyond what hyper buffers is answered with 431", async () => {
  const huge = `x-huge: ${"x".repeat(430_000)}`;
  expect(await raw(head("POST /a HTTP/1.1", huge, "connection: close"))).toMatch(/^HTTP\/1\.1 431 /);
});

test("HTTP/1.0 is answered in HTTP/1.0", async () => {
  const answer = await raw(`${head("POST /a HTTP/1.0", "content-length: 4")}body`);
  expect(answer).toMatch(/^HTTP\/1\.0 200 OK\r\ncontent-type: text\/plain\r\ncontent-length: 2\r\n/);
  expect(answer).toMatch(/\r\n\r\nok$/);
  expect(bodies).toEqual(["/a body"]);
});

test.each([
  ["a body that is cut off", `${head("POST /a HTTP/1.1", "content-length: 9")}body`, true],
  ["a broken chunk", `${head("POST /a HTTP/1.1", "transfer-encoding: chunked")}zz\r\n`, false],
  ["chunks without an end", `${head("POST /a HTTP/1.1", "transfer-encoding: chunked")}2\r\nab\r\n`, true],
])("%s is answered with 500 and a text, and closes", async (_, request, halfClose) => {
  const answer = await raw(request, { halfClose });
  expect(answer).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
  expect(answer).toMatch(/\r\n\r\nerror reading a body from connection: ./);
  expect(bodies).toEqual([]);
  expect(bodyErrors).toHaveLength(1);
});

test("a body that nobody reads is no error of the body", async () => {
  const request = head("POST /unread HTTP/1.1", "connection: close", "content-length: 9");
  expect(await raw(`${request}body`, { halfClose: true })).toMatch(/^HTTP\/1\.1 404 /);
  expect(bodyErrors).toEqual([]);
});

test("what is no HTTP is answered with 400", async () => {
  expect(await raw("hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect(bodyErrors).toEqual([]);
});

test("what the handler throws closes its connection cleanly: the client sees its end, not a reset", async () => {
  expect(await raw(`${head("POST /refuse HTTP/1.1", "content-length: 4")}body`)).toBe("");
});

test("closing waits for requests in flight, not for idle connections of either version", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<undefined>();
  const closing = await start({
    handle: async () => {
      ask(undefined);
      await released;
      return { status: 200 };
    },
  });
  const [fresh, busy] = [connect(closing.port, "127.0.0.1"), connect(closing.port, "127.0.0.1")];
  const session = connectHttp2(`http://127.0.0.1:${closing.port}`);
  await Promise.all([once(fresh, "connect"), once(session, "remoteSettings")]);
  busy.write(head("POST /a HTTP/1.1", "content-length: 0"));
  await asked;
  const closed = closing.close();
  release(undefined);
  const [chunk] = (await once(busy, "data")) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 /);
  await closed;
});

test("aborting cuts every connection at once and stops listening", async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<undefined>();
  const aborted = await start({
    handle: () => {
      ask(undefined);
      return new Promise(() => undefined);
    },
  });
  const [fresh, busy] = [connect(aborted.port, "127.0.0.1"), connect(aborted.port, "127.0.0.1")];
  const session = connectHttp2(`http://127.0.0.1:${aborted.port}`);
  await Promise.all([once(fresh, "connect"), once(session, "remoteSettings")]);
  busy.write(head("POST /a HTTP/1.1", "content-length: 0"));
  await asked;
  const closed = Promise.all([fresh, busy, session].map(closeOf));
  aborted.abort();
  await closed;
  const [error] = (await once(connect(aborted.port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
});
