import { expect, test } from "vitest";
import { problemsOf } from "../../../local/report/verdict.ts";
import { webShop, webStore } from "./sample.ts";

test("Demos that are right have no problems, and those of others are told", () => {
  expect([webShop(), webStore()].flatMap(problemsOf)).toEqual([]);
  expect(problemsOf({ ...webShop(), problems: ["svc-user: lost."] })).toEqual(["svc-user: lost."]);
});

test("A demo without a trace is not right", () => {
  expect(problemsOf({ ...webShop(), trace: [] })).toEqual([
    "No span arrived that a trace could be drawn from.",
  ]);
});
