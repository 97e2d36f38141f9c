import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import type { ReceivedSpans } from "../../local/deepflow/received.ts";
import { describeCluster } from "../cluster/harness.ts";
import { startWithDeepFlow, upOtelAgent } from "../cluster/stack.ts";

describeCluster("sampling", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("sampling");
    await upOtelAgent(cluster, { sampling: { percentage: 50 } } as object);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test("keeps about its share of traces, each whole, and each with its pod's address", async () => {
    const [pod] = await podsIn(cluster, "sample-app");
    if (!pod) throw new Error("There is no pod to send from.");
    const sendMany = async (traces: number): Promise<string[]> => {
      const { stdout, stderr } = (await cluster.control("POST", "/run", {
        ...{ namespace: pod.namespace, pod: pod.name, program: "test/e2e/programs/many-traces.ts" },
        input: { traces },
      })) as { stdout: string; stderr: string };
      expect(stderr).toBe("");
      return JSON.parse(stdout) as string[];
    };
    const received = async (traceIds: string[]) =>
      ((await cluster.control("POST", "/received", { traceIds })) as ReceivedSpans).spans;
    const traceIds = await sendMany(200);
    // The queue is in order: once some of these are through, so is what was kept of those before. That all
    // forty are dropped will not happen.
    const later = await sendMany(40);
    await eventually("The arrival of later traces", async () =>
      (await received(later)).length > 0 ? true : undefined,
    );
    const spans = await received(traceIds);
    const kept = Map.groupBy(spans, ({ traceId }) => traceId);
    expect([...kept.values()].filter((trace) => trace.length !== 2)).toEqual([]);
    // Five standard deviations around half of 200.
    expect(kept.size).toBeGreaterThan(100 - 35);
    expect(kept.size).toBeLessThan(100 + 35);
    expect(new Set(spans.map(({ resource }) => resource["app.host.ip"]))).toEqual(new Set([pod.podIP]));
  });
});
