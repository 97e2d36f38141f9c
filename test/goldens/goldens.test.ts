import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { urns, urnsFile, golden, goldenStacks, rendered } from "./goldens.ts";

test.each(Object.keys(goldenStacks))(
  "stack %s renders what was reviewed; if the change is meant, run `npm run goldens` and read the diff",
  async (stack) => {
    expect(Object.fromEntries(await rendered(stack))).toEqual(Object.fromEntries(golden(stack)));
  },
);

test("rendering twice gives the same bytes", async () => {
  expect([...(await rendered("everything"))]).toEqual([...(await rendered("everything"))]);
});

test("types and names of stack dev's resources stay what they are, or get an alias", async () => {
  expect(await urns()).toBe(readFileSync(urnsFile, "utf8"));
});
