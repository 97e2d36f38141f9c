import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster.ts";
import { podsIn } from "../../local/pods.ts";
import type { ReceivedSpans } from "../../local/deepflow/received.ts";
import { arrived, sendFrom } from "../../local/traffic.ts";
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
    const { stdout, stderr } = (await cluster.control("POST", "/run", {
      ...{ namespace: pod.namespace, pod: pod.name, program: "test/e2e/programs/many-traces.ts" },
      input: { traces: 200 },
    })) as { stdout: string; stderr: string };
    expect(stderr).toBe("");
    const traceIds = JSON.parse(stdout) as string[];
    // The queue is in order: once a later trace is through, so is what was kept of these.
    for (let passed = false; !passed;) {
      const { traceId } = await sendFrom(cluster, pod, 1);
      passed = (await arrived(cluster, traceId, 1, 3)).length === 1;
    }
    const { spans } = (await cluster.control("POST", "/received", { traceIds })) as ReceivedSpans;
    const kept = Map.groupBy(spans, ({ traceId }) => traceId);
    expect([...kept.values()].filter((trace) => trace.length !== 2)).toEqual([]);
    // Five standard deviations around half of 200.
    expect(kept.size).toBeGreaterThan(100 - 35);
    expect(kept.size).toBeLessThan(100 + 35);
    expect(new Set(spans.map(({ resource }) => resource["app.host.ip"]))).toEqual(new Set([pod.podIP]));
  });
});
