import fc from "fast-check";
import { expect, test } from "vitest";
import type { ComparedEdge } from "../../../local/replay/compared-edges.ts";
import { boxHeight, layOutGraph, type GraphLayout, type Point } from "../../../local/report/graph-layout.ts";
import { webShop, webStore } from "./sample.ts";

function edge(from: string, to: string, state: ComparedEdge["state"] = "seen"): ComparedEdge {
  return { from, to, protocol: "http", state, calls: 1 };
}

/** Whether a point is on the outline of a service's box, to a few pixels, or in it. */
function touches({ services }: GraphLayout, name: string, [x = 0, y = 0]: readonly number[] = []): boolean {
  const { center = [0, 0], width = 0 } = services.find((service) => service.name === name) ?? {};
  return Math.abs(x - center[0]) <= width / 2 + 4 && Math.abs(y - center[1]) <= boxHeight / 2 + 4;
}

/** Points along a spline. Its control points may lie beside it, even outside the drawing. */
function pointsOn(curve: readonly Point[]): Point[] {
  const piece = (first: number, t: number, axis: 0 | 1): number => {
    const [a = 0, b = 0, c = 0, d = 0] = curve.slice(first, first + 4).map((point) => point[axis]);
    const s = 1 - t;
    return s ** 3 * a + 3 * s ** 2 * t * b + 3 * s * t ** 2 * c + t ** 3 * d;
  };
  const steps = Array.from({ length: 17 }, (_, step) => step / 16);
  const firsts = curve
    .map((_, index) => index)
    .filter((index) => index % 3 === 0 && index + 3 < curve.length);
  return firsts.flatMap((first) => steps.map((t): Point => [piece(first, t, 0), piece(first, t, 1)]));
}

test.each([webShop(), webStore()])(
  "Every edge of $title leads from its own service to its own",
  (demoReport) => {
    const layout = layOutGraph(demoReport);
    expect(layout.edges.map((placed) => placed.edge)).toEqual(demoReport.edges);
    for (const { edge, curve, head } of layout.edges) {
      expect([edge, touches(layout, edge.from, curve[0])]).toEqual([edge, true]);
      expect([edge, head.some((point) => touches(layout, edge.to, point))]).toEqual([edge, true]);
    }
  },
);

test("A caller stands left of whom it calls", () => {
  const { services } = layOutGraph({ services: [], edges: [edge("b", "c"), edge("a", "b")] });
  const byX = services.toSorted((one, other) => one.center[0] - other.center[0]);
  expect(byX.map(({ name }) => name)).toEqual(["a", "b", "c"]);
});

test("What is wrong with an edge stands in its label", () => {
  const states = ["seen", "missing", "unexpected", "untraced"] as const;
  const { edges } = layOutGraph({ services: [], edges: states.map((state) => edge("a", "b", state)) });
  expect(edges.map(({ label }) => label)).toEqual(["http", "✗ http", "? http", "http"]);
});

test("A service that only edges name is placed, and so is one without edges", () => {
  const [known] = webShop().services;
  const { services } = layOutGraph({ services: known ? [known] : [], edges: [edge("x", "x")] });
  expect(services.map(({ name, service }) => [name, service?.name])).toEqual([
    ["web-shop", "web-shop"],
    ["x", undefined],
  ]);
});

test("Nothing to draw is an empty drawing", () => {
  expect(layOutGraph({ services: [], edges: [] })).toEqual({ width: 0, height: 0, services: [], edges: [] });
});

test("Any graph is drawn within its size: circles, edges to oneself, several between two, any names", () => {
  const name = fc.oneof(fc.constantFrom("a", "b", "c", "node", "\\N", "<b>"), fc.string({ minLength: 1 }));
  const anyEdge = fc.record({
    from: name,
    to: name,
    protocol: fc.string({ maxLength: 8 }),
    state: fc.constantFrom("seen", "missing", "unexpected", "untraced"),
    calls: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(anyEdge, { minLength: 1, maxLength: 12 }), (edges) => {
      const { width, height, ...layout } = layOutGraph({ services: [], edges });
      const isInside = ([x, y]: Point): boolean => x >= -2 && y >= -2 && x <= width + 2 && y <= height + 2;
      expect(layout.edges).toHaveLength(edges.length);
      for (const { curve, head } of layout.edges) {
        expect(curve.length % 3).toBe(1);
        expect([...pointsOn(curve), ...head].every(isInside)).toBe(true);
      }
      for (const { center, width } of layout.services) {
        expect(isInside([center[0] - width / 2, center[1] - boxHeight / 2])).toBe(true);
        expect(isInside([center[0] + width / 2, center[1] + boxHeight / 2])).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});
