import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReceivedSpan } from "../../../local/deepflow/received.ts";
import { waterfall } from "../../../local/report/waterfall.ts";
import { spanOf } from "./sample-trace.ts";

/** A span named by its id. */
function span(spanId: string, parentSpanId: string, at: number, ms = 1): ReceivedSpan {
  return spanOf({ spanId, parentSpanId, name: spanId, at, ms });
}

/** The rows as an outline. */
function outline(spans: ReceivedSpan[]): string[] {
  return waterfall(spans).rows.map(({ span, depth }) => "  ".repeat(depth) + span.name);
}

test("Children stand below their parent in the order that they began in", () => {
  const spans = [
    span("late", "root", 5),
    span("root", "", 0),
    span("leaf", "early", 3),
    span("early", "root", 2),
  ];
  expect(outline(spans)).toEqual(["root", "  early", "    leaf", "  late"]);
});

test("Times count from the earliest span, even where that is a child whose clock is behind", () => {
  const { rows, totalMs } = waterfall([span("root", "", 10, 30), span("child", "root", 9.5, 20.25)]);
  expect(rows.map(({ span, offsetMs, durationMs }) => [span.name, offsetMs, durationMs])).toEqual([
    ["root", 0.5, 30],
    ["child", 0, 20.25],
  ]);
  expect(totalMs).toBe(30.5);
});

test("A span that ends before it starts has no duration", () => {
  expect(waterfall([span("root", "", 5, -2)])).toMatchObject({ rows: [{ durationMs: 0 }], totalMs: 0 });
});

test("A span whose parent did not arrive is a further root and is marked", () => {
  const { rows } = waterfall([span("root", "", 0), span("lost", "gone", 1), span("below", "lost", 2)]);
  expect(rows.map(({ span, depth, orphan }) => [span.name, depth, orphan])).toEqual([
    ["root", 0, false],
    ["lost", 0, true],
    ["below", 1, false],
  ]);
});

test("Spans that are each other's parents are drawn, each once", () => {
  expect(outline([span("a", "b", 1), span("b", "a", 0), span("self", "self", 2)])).toEqual([
    "b",
    "  a",
    "self",
  ]);
});

test("Without spans there are no rows", () => {
  expect(waterfall([])).toEqual({ rows: [], totalMs: 0 });
});

test("Every span has one row within the whole time, whatever the ids and clocks say", () => {
  const anyId = fc.constantFrom("", "a", "b", "c", "d", "e");
  const anySpan = fc.tuple(anyId, anyId, fc.nat(20), fc.integer({ min: -5, max: 20 }));
  fc.assert(
    fc.property(fc.array(anySpan), (all) => {
      const spans = all.map((fields) => span(...fields));
      const { rows, totalMs } = waterfall(spans);
      expect(new Set(rows.map((row) => row.span))).toEqual(new Set(spans));
      expect(rows).toHaveLength(spans.length);
      for (const { offsetMs, durationMs } of rows) {
        expect(offsetMs).toBeGreaterThanOrEqual(0);
        expect(offsetMs + durationMs).toBeLessThanOrEqual(totalMs);
      }
    }),
  );
});

test("In any tree a row's depth is its span's, and the row above that is one less deep is its parent", () => {
  // Each span's parent is one before it, or none; then they are shuffled.
  const tree = fc
    .array(fc.tuple(fc.nat(30), fc.nat(50)), { maxLength: 30 })
    .map((nodes) =>
      nodes.map(([parent, at], index) => span(String(index), parent < index ? String(parent) : "", at)),
    );
  const shuffled = tree.chain((spans) => fc.shuffledSubarray(spans, { minLength: spans.length }));
  fc.assert(
    fc.property(shuffled, (spans) => {
      const { rows } = waterfall(spans);
      for (const [index, { span, depth }] of rows.entries()) {
        const above = rows.slice(0, index).findLast((row) => row.depth < depth);
        expect(above?.depth).toBe(depth === 0 ? undefined : depth - 1);
        expect(above?.span.spanId ?? "").toBe(span.parentSpanId);
      }
    }),
  );
});
