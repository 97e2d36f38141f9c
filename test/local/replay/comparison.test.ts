import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callGraph } from "../../../components/demo/call-graph.ts";
import { rows, serviceNameOf } from "../../../components/demo/table.ts";
import {
  arrows,
  compared,
  inState,
  never,
  ownerOf,
  shop,
  store,
  withOutgoingCall,
  withSpan,
  without,
} from "./altered.ts";
import { webShop, webStore } from "./right-replay.ts";

const right = [shop, store];

/** Every replay that went right. */
const anyReplay = fc.constantFrom(...right);

/** Every one of its spans. */
const anySpan = anyReplay.chain((material) =>
  fc.record({ material: fc.constant(material), span: fc.constantFrom(...material.received) }),
);

describe("a replay in which everything went right", () => {
  test.each(right.map((material) => ({ title: material.demo.title, material })))(
    "has no problem: $title",
    ({ material }) => {
      const { services, edges, problems } = compared(material);
      expect(problems).toEqual([]);
      expect(edges.map(({ from, to, protocol }) => ({ from, to, protocol }))).toEqual(
        callGraph(material.demo).map(({ from, to, protocol }) => ({ from, to, protocol })),
      );
      expect(edges.filter(({ calls }) => calls === 0)).toEqual([]);
      expect(services.map(({ name }) => name)).toEqual(Object.keys(material.demo.services));
      for (const { sent, received, appHostIps, podIp, serviceName } of services) {
        expect(received).toBe(sent);
        expect(appHostIps).toEqual(serviceName === undefined ? [] : [podIp]);
      }
    },
  );

  test("sees all edges, and only between two without an SDK none", () => {
    expect(inState(compared(store), "seen")).toEqual(arrows(callGraph(webStore)));
    expect(inState(compared(shop), "untraced")).toEqual(["nacos → db-demo"]);
    expect(inState(compared(shop), "seen")).toHaveLength(callGraph(webShop).length - 1);
  });
});

describe("whatever gets lost or changes is named", () => {
  test("a span that does not arrive", () => {
    fc.assert(
      fc.property(anySpan, ({ material, span }) => {
        const { service, pod } = ownerOf(material, span);
        const { problems } = compared(withSpan(material, span));
        expect(problems.filter((one) => one.startsWith(`${service}: In pod ${pod}: `))).toHaveLength(1);
      }),
    );
  });

  test("all spans of a service, with each of its edges", () => {
    const anyService = anyReplay.chain((material) =>
      fc.record({
        material: fc.constant(material),
        row: fc.constantFrom(...rows(material.demo).filter(({ service }) => service.sdk)),
      }),
    );
    fc.assert(
      fc.property(anyService, ({ material, row: { name } }) => {
        const result = compared(without(material, name));
        const lost = callGraph(material.demo).filter(({ from, to }) => from === name || to === name);
        expect(inState(result, "missing")).toEqual(arrows(lost));
        expect(result.problems.map((one) => one.split(":")[0])).toEqual([name, ...arrows(lost)]);
      }),
    );
  });

  test("a span that arrives twice", () => {
    fc.assert(
      fc.property(anySpan, ({ material, span }) => {
        const { service } = ownerOf(material, span);
        const { problems, edges } = compared(withSpan(material, span, span, span));
        expect(edges).toEqual(compared(material).edges);
        expect(problems).toEqual([expect.stringMatching(`^${service}: .* ${span.spanId} 2 times`)]);
      }),
    );
  });

  test("an app.host.ip that is another pod's, or none", () => {
    fc.assert(
      fc.property(anySpan, fc.option(fc.ipV4()), ({ material, span }, address) => {
        const { service, pod, podIp } = ownerOf(material, span);
        fc.pre(address !== podIp);
        const { "service.name": name = "" } = span.resource;
        const resource = { "service.name": name, ...(address !== null && { "app.host.ip": address }) };
        const changed = { ...span, resource };
        expect(compared(withSpan(material, span, changed)).problems).toEqual([
          `${service}: In pod ${pod}: app.host.ip is ${address ?? "(none)"} instead of ${podIp}.`,
        ]);
      }),
    );
  });

  test("a service.name that is another's", () => {
    fc.assert(
      fc.property(anySpan, ({ material, span }) => {
        const { service, pod } = ownerOf(material, span);
        const expected = serviceNameOf({
          name: service,
          service: material.demo.services[service] ?? never(),
        });
        const changed = { ...span, resource: { ...span.resource, "service.name": "unknown_service" } };
        expect(compared(withSpan(material, span, changed)).problems).toEqual([
          `${service}: In pod ${pod}: service.name is unknown_service instead of ${expected}.`,
        ]);
      }),
    );
  });

  test("a server span with another service's client span as its parent", () => {
    const anyTwo = anyReplay.chain((material) => {
      const ofKind = (kind: string) => material.received.filter((span) => span.kind === kind);
      return fc.record({
        material: fc.constant(material),
        server: fc.constantFrom(
          ...ofKind("SERVER").filter(({ parentSpanId }) =>
            material.received.some(({ spanId }) => spanId === parentSpanId),
          ),
        ),
        client: fc.constantFrom(...ofKind("CLIENT")),
      });
    });
    fc.assert(
      fc.property(anyTwo, ({ material, server, client }) => {
        const parent = material.received.find(({ spanId }) => spanId === server.parentSpanId) ?? never();
        const [to, was, is] = [server, parent, client].map((span) => ownerOf(material, span).service);
        fc.pre(was !== is);
        const result = compared(withSpan(material, server, { ...server, parentSpanId: client.spanId }));
        expect(inState(result, "missing")).toContain(`${was ?? ""} → ${to ?? ""}`);
        const isExpected = arrows(callGraph(material.demo)).includes(`${is ?? ""} → ${to ?? ""}`);
        expect(inState(result, "unexpected")).toEqual(isExpected ? [] : [`${is ?? ""} → ${to ?? ""}`]);
        expect(result.problems).not.toEqual([]);
      }),
    );
  });

  test("a call that failed, also where spans show the edge", () => {
    const anyEdge = anyReplay.chain((material) =>
      fc.record({
        material: fc.constant(material),
        edge: fc.constantFrom(...callGraph(material.demo)),
      }),
    );
    fc.assert(
      fc.property(anyEdge, ({ material, edge: { from, to } }) => {
        const outgoingCall = { to, addressSource: "ADDR is x:1", error: "connection refused" };
        expect(compared(withOutgoingCall(material, from, outgoingCall)).problems).toEqual([
          `${from} → ${to}: ADDR is x:1; connection refused.`,
        ]);
      }),
    );
  });
});

test("a span that no pod sent is named", () => {
  const [span] = store.received;
  const strange = { ...(span ?? never()), spanId: "f".repeat(16), parentSpanId: "", name: "strange" };
  expect(compared({ ...store, received: [...store.received, strange] }).problems).toEqual([
    "A span arrived that no pod says it sent: ffffffffffffffff, named strange, of service.name loadgenerator.",
  ]);
});
