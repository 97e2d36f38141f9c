import { expect, test } from "vitest";
import { judged, unusedAcceptances } from "../../policy/acceptance.ts";
import type { Finding } from "../../policy/finding.ts";

const finding: Finding = {
  rule: "a",
  object: "Service x/y",
  kind: "Service",
  component: "demo",
  problem: "P.",
  advice: "A.",
};
const entry = { rule: "a", kinds: ["Service"], component: "demo", reason: "R." };

test("a finding is accepted by a row for its rule, kind and component, with the reason", () => {
  expect(judged([finding], [entry])).toEqual({ open: [], accepted: [{ ...finding, reason: "R." }] });
});

test.each([{ rule: "b" }, { kinds: ["Pod"] }, { component: "other" }])("not by a row with %j", (other) => {
  expect(judged([finding], [{ ...entry, ...other }])).toEqual({ open: [finding], accepted: [] });
});

test("a row's kind that matches nothing is named", () => {
  expect(unusedAcceptances([finding], [entry])).toEqual([]);
  expect(unusedAcceptances([finding], [{ ...entry, kinds: ["Service", "Pod"] }])).toEqual([
    "a is accepted for Pod of demo and no longer found there; take it out of policy/accepted.ts.",
  ]);
});
