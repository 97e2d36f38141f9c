import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { performancePage } from "../../bench/performance-page.ts";
import { spread } from "../../bench/statistics.ts";

test("docs/performance.md says what was measured", async () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "performance.md"), "utf8");
  expect(page, "Its tables are not those of bench/results.").toBe(await performancePage());
});

test("the median of values is one of them", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});
