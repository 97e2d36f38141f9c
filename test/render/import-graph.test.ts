import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importsPage, importsText } from "../../render/import-graph.ts";

test("docs/imports.md draws the imports as they are: run `npm run generate`", async () => {
  expect(readFileSync(importsPage, "utf8")).toBe(await importsText());
});
