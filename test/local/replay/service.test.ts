import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sdks } from "../../../components/demo/sdk.ts";
import {
  startIntegrationCollector,
  tracePath,
  type IntegrationCollector,
} from "../../../local/deepflow/integration-collector.ts";
import type { Span } from "../../../local/deepflow/otlp.ts";
import {
  withServicePrograms,
  type ServiceProgram,
  type Tell,
} from "../../../local/replay/service-programs.ts";
import type { CallSpec, Report } from "../../../local/replay/service-spec.ts";
import { freePort, listener, loopback, serviceProgram } from "./loopback.ts";

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

const sdk = sdks.javaAgent1;
const telemetry = (name: string): Record<string, string> => ({
  OTEL_SERVICE_NAME: name,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${collector.port}${tracePath}`,
});

function call(to: string, variable: string): CallSpec {
  return { to, call: { variable }, port: { number: 80, protocol: "http" } };
}

/** Runs programs, and returns their reports. */
function reports(
  servicePrograms: ServiceProgram[],
  env: Record<string, Record<string, string>>,
  work: (tell: Tell) => Promise<unknown> = () => Promise.resolve(),
): Promise<Report[]> {
  return withServicePrograms(loopback(env), servicePrograms, async (tell) => {
    await work(tell);
    return Promise.all(servicePrograms.map(({ spec }) => tell(spec.service, "end") as Promise<Report>));
  });
}

test("a request is one trace of client and server spans, also through what goes wrong", async () => {
  const port = await freePort();
  const web = serviceProgram("web", {
    sdk,
    calls: [call("nobody", "NOBODY"), call("unset", "UNSET"), call("wrong", "WRONG"), call("cart", "CART")],
  });
  const cart = serviceProgram("cart", { sdk, port: { number: port, protocol: "grpc" } });
  const nobody = `127.0.0.1:${await freePort()}`;
  const env = {
    web: { ...telemetry("web"), NOBODY: nobody, WRONG: "cart", CART: `127.0.0.1:${port},password=x` },
    cart: telemetry("cart"),
  };
  const [ofWeb, ofCart] = await reports([web, cart], env, (tell) => tell("web", "call"));

  expect(ofWeb?.outgoingCalls).toEqual([
    { to: "nobody", addressSource: `NOBODY is ${nobody}`, peer: "127.0.0.1", error: "connection refused" },
    { to: "unset", addressSource: "UNSET is not set", error: "no address" },
    { to: "wrong", addressSource: "WRONG is cart", error: "that is no address" },
    { to: "cart", addressSource: `CART is 127.0.0.1:${port}`, peer: "127.0.0.1" },
  ]);
  expect(ofCart).toMatchObject({ requests: 1, outgoingCalls: [], problems: [] });

  const sent = [ofWeb, ofCart].flatMap((report) => report?.spans ?? []);
  expect(sent.map(({ spanId }) => spanId).sort()).toEqual(spans.map(({ spanId }) => spanId).sort());
  const server = spans.find(({ kind }) => kind === "SERVER");
  const [failed, client] = spans.filter(({ kind }) => kind === "CLIENT");
  expect(failed).toMatchObject({ statusCode: "ERROR", resource: { "service.name": "web" } });
  expect(client).toMatchObject({
    statusCode: "UNSET",
    attributes: {
      "server.address": "127.0.0.1",
      "server.port": port,
      "network.peer.address": "127.0.0.1",
      "http.request.method": "GET",
    },
  });
  expect(server).toMatchObject({
    traceId: client?.traceId,
    parentSpanId: client?.spanId,
    resource: { "service.name": "cart" },
    attributes: { "rpc.system": "grpc", "client.address": "127.0.0.1", "server.port": port },
  });
});

test("a probe by HTTP makes a trace, and one by TCP makes none: the demos' services are asked by TCP", async () => {
  const port = await freePort();
  const servicePrograms = [serviceProgram("cart", { sdk, port: { number: port, protocol: "grpc" } })];
  const probed = async (probe: () => Promise<unknown>): Promise<number> => {
    const [cart] = await reports(servicePrograms, { cart: telemetry("cart") }, probe);
    return cart?.spans.length ?? -1;
  };
  expect(await probed(() => fetch(`http://127.0.0.1:${port}/healthz`))).toBe(1);
  const open = async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.end();
    await once(socket, "close");
  };
  expect(await probed(open)).toBe(0);
});

test("without an SDK there are no spans, and no context is passed on", async () => {
  const headers: unknown[] = [];
  const { server, port } = await listener((request) => {
    headers.push(request.headers.traceparent);
    return 200;
  });
  const calls = [call("cart", "CART")];
  const env = { CART: `127.0.0.1:${port}` };
  const [bare, traced] = await reports(
    [serviceProgram("bare", { calls }), serviceProgram("traced", { calls, sdk })],
    { bare: env, traced: { ...env, ...telemetry("traced") } },
    async (tell) => {
      await tell("bare", "call");
      await tell("traced", "call");
    },
  );
  server.close();
  expect(bare).toMatchObject({ spans: [], outgoingCalls: [{ to: "cart" }] });
  expect(traced?.spans).toHaveLength(1);
  expect(headers).toEqual([undefined, expect.stringContaining(traced?.spans[0]?.spanId ?? "none")]);
});

test("what an exporter says went wrong is reported", async () => {
  const port = await freePort();
  const { server, port: target } = await listener(() => 200);
  const env = {
    ...telemetry("web"),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${port}/v1/traces`,
    CART: `127.0.0.1:${target}`,
  };
  const servicePrograms = [serviceProgram("web", { sdk, calls: [call("cart", "CART")] })];
  const [web] = await reports(servicePrograms, { web: env }, (tell) => tell("web", "call"));
  server.close();
  expect(web?.spans).toHaveLength(1);
  expect(web?.exporterError).toMatch(
    new RegExp(`^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is http://127.0.0.1:${port}/v1/traces; .*ECONNREFUSED`),
  );
});

test("an address is found through a registry, where the callee registered what its variable says", async () => {
  const [registryPort, port] = [await freePort(), await freePort()];
  const nacos: CallSpec = {
    to: "nacos",
    call: { variable: "NACOS", as: "host" },
    port: { number: registryPort, protocol: "http" },
  };
  const itemCall: CallSpec = {
    to: "item",
    call: { registry: "nacos" },
    port: { number: 80, protocol: "http" },
    hostVariable: "HOST",
  };
  const servicePrograms = [
    serviceProgram("nacos", { port: { number: registryPort, protocol: "http" }, isRegistry: true }),
    serviceProgram("item", {
      portVariable: "PORT",
      port: { number: 80, protocol: "http" },
      registers: { at: "nacos", hostVariable: "HOST" },
      calls: [nacos],
    }),
    serviceProgram("web", { calls: [itemCall, nacos] }),
  ];
  const work = async (tell: Tell) => {
    await tell("item", "register");
    await tell("web", "call");
  };
  const addressed = { NACOS: "127.0.0.1" };
  const item = { ...addressed, PORT: String(port), HOST: "127.0.0.1" };
  const [, ofItem, ofWeb] = await reports(servicePrograms, { web: addressed, item }, work);
  expect(ofItem).toMatchObject({ requests: 1, problems: [] });
  expect(ofWeb?.outgoingCalls).toEqual([
    { to: "item", addressSource: `nacos has 127.0.0.1:${port}, from item's HOST`, peer: "127.0.0.1" },
    { to: "nacos", addressSource: "NACOS is 127.0.0.1", peer: "127.0.0.1" },
  ]);

  const [, unregistered, searching] = await reports(
    servicePrograms,
    { web: addressed, item: { ...item, HOST: "" } },
    work,
  );
  expect(unregistered?.problems).toEqual(["It does not register at nacos: HOST is not set."]);
  expect(searching?.outgoingCalls[0]).toEqual({
    to: "item",
    addressSource: "NACOS is 127.0.0.1",
    error: "item is not registered there",
  });
});

test("a service that is called in a circle does not go on", async () => {
  const port = await freePort();
  const servicePrograms = [
    serviceProgram("web", { port: { number: port, protocol: "http" }, calls: [call("cart", "CART")] }),
    serviceProgram("load", { calls: [call("web", "WEB")] }),
  ];
  const env = { web: { CART: `127.0.0.1:${port}` }, load: { WEB: `127.0.0.1:${port}` } };
  const [web] = await reports(servicePrograms, env, (tell) => tell("load", "call"));
  expect(web).toMatchObject({ requests: 2, outgoingCalls: [{ to: "cart", error: "it answered 508" }] });
});

test("only an allowed address gets a connection", async () => {
  const port = await freePort();
  const closed = serviceProgram("closed", { port: { number: port, protocol: "http" } }, ["127.0.0.2"]);
  const open = serviceProgram("load", { calls: [call("closed", "CLOSED")] });
  const env = { load: { CLOSED: `127.0.0.1:${port}` } };
  const [ofClosed, ofLoad] = await reports([closed, open], env, (tell) => tell("load", "call"));
  expect(ofClosed?.requests).toBe(0);
  expect(ofLoad?.outgoingCalls[0]?.error).toBe("connection reset");
});

test("a port that is none, or taken, is a problem that is reported", async () => {
  const { server, port } = await listener(() => 200);
  const port80 = { number: 80, protocol: "http" } as const;
  const [wrong, unset, taken] = await reports(
    [
      serviceProgram("wrong", { port: port80, portVariable: "PORT" }),
      serviceProgram("unset", { port: port80, portVariable: "PORT" }),
      serviceProgram("taken", { port: { ...port80, number: port } }),
    ],
    { wrong: { PORT: "tcp://10.0.0.1:80" } },
  );
  server.close();
  expect(wrong?.problems).toEqual(["It does not listen: PORT is tcp://10.0.0.1:80, which is no port."]);
  expect(unset?.problems).toEqual(["It does not listen: PORT is not set, which is no port."]);
  expect(taken?.problems).toEqual([expect.stringMatching(`^It does not listen: .*EADDRINUSE.*:${port}\\.$`)]);
});

test("it listens at its pod's address only", async () => {
  const port = await freePort();
  await reports([serviceProgram("cart", { port: { number: port, protocol: "http" } })], {}, async () => {
    const [error] = (await once(connect({ port, host: "127.0.0.2" }), "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });
});
