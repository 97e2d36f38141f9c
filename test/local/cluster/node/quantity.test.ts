import { expect, test } from "vitest";
import { thousandths } from "../../../../local/cluster/node/quantity.ts";

test.each([
  ["0", 0n],
  ["2", 2000n],
  ["250m", 250n],
  ["3k", 3_000_000n],
  ["512Mi", 512n * 1024n ** 2n * 1000n],
  ["1Ei", 1024n ** 6n * 1000n],
])("%s is %s thousandths", (quantity, expected) => {
  expect(thousandths(quantity)).toBe(expected);
});

test.each(["", "1.5Gi", "1Kib", "-1", "1 Mi"])('"%s" is not what the API server stores', (quantity) => {
  expect(() => thousandths(quantity)).toThrow("is no quantity; write it like 500m, 2 or 512Mi.");
});
