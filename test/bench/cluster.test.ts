import { expect, test } from "vitest";
import { processFigures } from "../../bench/cluster/api.ts";
import { nodeOf, nodes, podName, podsOnOwnNode, podStatus } from "../../bench/cluster/pods.ts";

const pods = Array.from({ length: 10_000 }, (_, index) => index);

test.each([100, 1000, 10_000])("of %i pods as many are on the agent's own node", (count) => {
  const own = pods.slice(0, count).filter((pod) => nodeOf(pod) === 0);
  expect(own).toHaveLength(podsOnOwnNode);
});

test("the other pods are spread over all other nodes, as many on each or one more", () => {
  const counts = new Map<number, number>();
  for (const pod of pods) counts.set(nodeOf(pod), (counts.get(nodeOf(pod)) ?? 0) + 1);
  counts.delete(0);
  expect(counts.size).toBe(nodes - 1);
  expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
});

test("no two pods share a name or an address", () => {
  expect(new Set(pods.map(podName)).size).toBe(pods.length);
  expect(new Set(pods.map((pod) => podStatus(pod).podIP)).size).toBe(pods.length);
});

test("a process's figures are read from among other metrics", () => {
  const metrics = [
    "# TYPE process_cpu_seconds_total counter",
    "process_cpu_seconds_total 12.5",
    "process_resident_memory_bytes_max 1",
    "process_resident_memory_bytes 4.194304e+08",
  ].join("\n");
  expect(processFigures(metrics)).toEqual({ cpuSeconds: 12.5, rssMib: 400 });
});
