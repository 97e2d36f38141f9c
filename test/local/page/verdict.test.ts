import { expect, test } from "vitest";

import type { Picture, PicturedEdge } from "../../../local/page/picture.ts";
import { problemsOf } from "../../../local/page/verdict.ts";
import { webShop, webStore } from "./sample.ts";

/** The shop with its second edge, web-shop → svc-user, in another state. */
function withState(state: PicturedEdge["state"]): Picture {
  const { edges, ...rest } = webShop();
  return { ...rest, edges: edges.map((edge, index) => (index === 1 ? { ...edge, state } : edge)) };
}

test("Demos that are right have no problems, and edges that no span can show are none", () => {
  expect([webShop(), webStore(), withState("untraced")].flatMap(problemsOf)).toEqual([]);
});

test("An edge that is missing or was not expected is named", () => {
  expect(problemsOf(withState("missing"))).toEqual(["No span shows web-shop calling svc-user (http)."]);
  expect(problemsOf(withState("unexpected"))).toEqual([
    "Spans show web-shop calling svc-user (http), which was not expected.",
  ]);
});

test("A service's problem is told with its name", () => {
  const { services, ...rest } = webShop();
  const problem = "2 of 24 spans did not arrive.";
  expect(problemsOf({ ...rest, services: services.map((one) => ({ ...one, problem })) })[1]).toBe(
    `svc-user: ${problem}`,
  );
});

test("A demo without a trace is not right", () => {
  expect(problemsOf({ ...webShop(), trace: [] })).toEqual([
    "No span arrived that a trace could be drawn from.",
  ]);
});
