import { expect, test } from "vitest";
import { wholeNumber } from "../../../../local/cluster/terminal/command-line.ts";

test("a whole number of what an option counts is read, from the least that makes sense", () => {
  const rounds = wholeNumber("rounds", 1);
  expect([rounds("1"), rounds("20")]).toEqual([1, 20]);
  for (const text of ["0", "-1", "1.5", "1e3", "x", "", " 2"])
    expect(() => rounds(text)).toThrow("Write a whole number of rounds, 1 or more.");
});
