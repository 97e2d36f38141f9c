import { describe, expect, test } from "vitest";
import type { OutgoingCall } from "../../../local/replay/service-spec.ts";
import {
  compared,
  inState,
  never,
  ownerOf,
  shop,
  store,
  withOutgoingCall,
  withReport,
  withSpan,
  without,
} from "./altered.ts";
import type { Material } from "./right-replay.ts";

describe("why an edge is missing", () => {
  const from = "checkoutservice";
  const to = "emailservice";

  /** The WebStore as if a call had not come about: no span of the callee, and none sent. */
  function broken(outgoingCall: OutgoingCall): Material {
    return withReport(withOutgoingCall(without(store, to), from, outgoingCall), to, {
      requests: 0,
      spans: [],
    });
  }
  function sentence(material: Material): string | undefined {
    return compared(material).edges.find((edge) => edge.from === from && edge.to === to)?.problem;
  }

  test("the variable, its value and the error", () => {
    const outgoingCall = {
      to,
      addressSource: "EMAIL_SERVICE_ADDR is http://emailservice:9999",
      error: "connection refused",
    };
    expect(compared(broken(outgoingCall)).problems).toEqual([
      "emailservice: In pod emailservice-pod: Nothing arrived, because no request reached it.",
      "checkoutservice → emailservice: EMAIL_SERVICE_ADDR is http://emailservice:9999; connection refused.",
    ]);
  });

  test("what NetworkPolicies say of it", () => {
    const material = broken({ to, addressSource: "EMAIL is emailservice:8080", error: "connection reset" });
    const replayed = material.replayed.map((one) =>
      one.service === to ? { ...one, refusals: { [from]: "NetworkPolicy demo/x isolates it." } } : one,
    );
    expect(sentence({ ...material, replayed })).toBe(
      "checkoutservice → emailservice: EMAIL is emailservice:8080; connection reset; NetworkPolicy demo/x isolates it.",
    );
  });

  test("the service that is at the address instead, and why that one refused", () => {
    const payment = store.replayed.find(({ service }) => service === "paymentservice");
    const outgoingCall = { to, addressSource: "EMAIL is paymentservice:50051", peer: payment?.serviceIp };
    expect(sentence(broken(outgoingCall))).toBe(
      "checkoutservice → emailservice: EMAIL is paymentservice:50051; that is paymentservice.",
    );
    const material = broken({ ...outgoingCall, error: "connection reset" });
    const replayed = material.replayed.map((one) =>
      one.service === "paymentservice"
        ? { ...one, refusals: { [from]: "NetworkPolicy demo/x isolates it." } }
        : one,
    );
    expect(sentence({ ...material, replayed })).toBe(
      "checkoutservice → emailservice: EMAIL is paymentservice:50051; that is paymentservice; connection reset; NetworkPolicy demo/x isolates it.",
    );
  });

  test("no request, no call", () => {
    const unreached = withReport(without(store, from), from, { requests: 0, outgoingCalls: [], spans: [] });
    expect(sentence(unreached)).toBe("checkoutservice → emailservice: no request reached checkoutservice.");
    const idle = withReport(without(store, from), from, { outgoingCalls: [], spans: [] });
    expect(sentence(idle)).toBe("checkoutservice → emailservice: checkoutservice made no call to it.");
  });

  test("whose spans did not arrive", () => {
    expect(sentence(without(store, from))).toBe(
      "checkoutservice → emailservice: it was called, but no span of checkoutservice arrived.",
    );
    expect(sentence(without(store, from, to))).toBe(
      "checkoutservice → emailservice: it was called, but no span of checkoutservice and emailservice arrived.",
    );
  });

  test("between two without an SDK the failed call alone", () => {
    const outgoingCall = { to: "db-demo", addressSource: "MYSQL_HOST is db", error: "no such host" };
    const result = compared(withOutgoingCall(shop, "nacos", outgoingCall));
    expect(inState(result, "missing")).toEqual(["nacos → db-demo"]);
    expect(result.problems).toEqual(["nacos → db-demo: MYSQL_HOST is db; no such host."]);
  });
});

describe("a call that is not in the call graph", () => {
  const address = (name: string) => store.replayed.find(({ service }) => service === name)?.podIp ?? "";
  const spanOf = (name: string, kind: string) =>
    store.received.find((span) => span.kind === kind && ownerOf(store, span).service === name) ?? never();

  test("shows by the sender that a server span names", () => {
    const span = spanOf("adservice", "SERVER");
    const attributes = { ...span.attributes, "client.address": address("cartservice") };
    expect(compared(withSpan(store, span, { ...span, attributes })).problems).toEqual([
      "cartservice → adservice: spans show this call, which is none of OTel WebStore's.",
    ]);
  });

  test("shows by the receiver that a client span names, unless the call failed", () => {
    const span = spanOf("loadgenerator", "CLIENT");
    const attributes = { "network.peer.address": address("redis-cart") };
    const result = compared(withSpan(store, span, { ...span, attributes }));
    expect(result.edges.at(-1)).toMatchObject({
      ...{ from: "loadgenerator", to: "redis-cart", protocol: "redis", state: "unexpected", calls: 1 },
    });
    const failed = { ...span, attributes, statusCode: "ERROR" as const };
    expect(compared(withSpan(store, span, failed)).problems).toEqual([]);
  });

  test("counts once, in however many ways it shows", () => {
    const [server, client] = [spanOf("adservice", "SERVER"), spanOf("cartservice", "CLIENT")];
    const attributes = { "client.address": address("cartservice") };
    const called = { ...server, attributes, parentSpanId: client.spanId };
    expect(compared(withSpan(store, server, called)).edges.at(-1)).toMatchObject({
      ...{ from: "cartservice", to: "adservice", state: "unexpected", calls: 1 },
    });
  });

  test("shows by a parent that is no client", () => {
    const [server, parent] = [spanOf("adservice", "SERVER"), spanOf("cartservice", "SERVER")];
    const moved = { ...server, parentSpanId: parent.spanId };
    expect(inState(compared(withSpan(store, server, moved)), "unexpected")).toEqual([
      "cartservice → adservice",
    ]);
  });
});
