import { expect, test } from "vitest";
import { golden, goldenStacks, rendered } from "./goldens.ts";

test.each(Object.keys(goldenStacks))(
  "stack %s renders what was reviewed; if the change is meant, run `npm run goldens` and read the diff",
  async (stack) => {
    expect(Object.fromEntries(await rendered(stack))).toEqual(Object.fromEntries(golden(stack)));
  },
);

test("rendering twice gives the same bytes", async () => {
  expect([...(await rendered("everything"))]).toEqual([...(await rendered("everything"))]);
});
