import { expect, test } from "vitest";
import type { Span } from "../../../local/deepflow/otlp.ts";
import { Received } from "../../../local/deepflow/received.ts";

const by = { receivedBy: "deepflow-agent-x", node: "node-1", agentAddress: "d:1", peerAddress: "p" };
const span = (traceId: string): Span => ({
  traceId,
  spanId: "01",
  parentSpanId: "",
  name: "s",
  kind: "SERVER",
  startTimeUnixNano: "1",
  endTimeUnixNano: "2",
  statusCode: "UNSET",
  resource: {},
  attributes: {},
  scope: "",
  links: [],
});
const names = (received: Received, query = {}): string[] =>
  received.query(query).spans.map(({ traceId }) => traceId);

test("spans come back with the way they came by, in order", () => {
  const received = new Received();
  received.add([span("a"), span("b")], by);
  expect(received.query({})).toMatchObject({
    spans: [
      { sequence: 1, traceId: "a", ...by },
      { sequence: 2, traceId: "b", ...by },
    ],
    dropped: 0,
    last: 2,
  });
});

test("a query narrows down by trace and by what was seen before", () => {
  const received = new Received();
  received.add([span("a"), span("b"), span("a")], by);
  expect(names(received, { traceIds: ["a"] })).toEqual(["a", "a"]);
  expect(names(received, { since: 2 })).toEqual(["a"]);
  expect(names(received, { traceIds: [] })).toEqual([]);
});

test("beyond the limit the oldest are dropped, and counted", () => {
  const received = new Received(10);
  for (let index = 0; index < 25; index += 1) received.add([span(String(index))], by);
  const { spans, dropped, last } = received.query({});
  expect(spans.map(({ sequence }) => sequence)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  expect({ dropped, last }).toEqual({ dropped: 15, last: 25 });
});
