import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { reportText } from "../../policy/report.ts";

const finding = {
  rule: "image-tag",
  object: "Deployment shop/front-end, container front-end",
  kind: "Deployment",
  problem: "Its image has the tag latest.",
  advice: "Set a tag that names a version.",
};
const report = { stack: "prod", objects: 3, open: [finding], accepted: [] };

test.each([40, 120, Infinity])("says what, where and what to do in a window of %d columns", (columns) => {
  const text = stripVTControlCharacters(reportText([report], columns));
  for (const part of [finding.object, finding.rule, "Its image has the tag latest."])
    expect(text).toContain(part);
  expect(text).toContain("Stack prod: 1 finding in 3 objects");
  // What a window of 40 columns wraps by itself is not drawn as a table.
  expect(text.includes("│")).toBe(columns > 40);
  if (columns === 120)
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
});

test("says that there is nothing to mend", () => {
  const text = stripVTControlCharacters(reportText([{ ...report, open: [] }]));
  expect(text).toBe("Stack prod: nothing to mend in 3 objects; 0 accepted findings (docs/policy.md).");
});
