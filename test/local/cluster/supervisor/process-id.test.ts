import { expect, test } from "vitest";
import { isAlive, processId } from "../../../../local/cluster/supervisor/process-id.ts";

test("a process is told apart from an earlier one of its number", () => {
  const own = processId(process.pid);
  expect(own).toBeDefined();
  expect(own !== undefined && isAlive(own)).toBe(true);
  expect(isAlive({ pid: process.pid, startTime: "1" })).toBe(false);
  expect(isAlive({ pid: 2 ** 30, startTime: "1" })).toBe(false);
});
