import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { arrived } from "../../local/traffic.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, renderOtelAgent, rolledOut, startWithDeepFlow } from "../cluster/stack.ts";
import { deepFlowIsAway, sendRequests } from "./deepflow-away.ts";

describeCluster("while DeepFlow is away, a rollout of the Collectors", () => {
  let cluster: Cluster;
  let run = 0;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("node-queue");
  });
  afterAll(async () => {
    await cluster.stop();
  });

  /** New pods, because their configuration is new. */
  async function rollOut(storage: "memory" | "node"): Promise<void> {
    run += 1;
    const files = await renderOtelAgent({ queue: { storage }, resourceAttributes: { run: String(run) } });
    await applyRendered(cluster, "test", files);
    await rolledOut(cluster, "agent");
    await eventually("The end of the Collectors that were replaced", async () =>
      (await podsIn(cluster, "open-telemetry")).length === nodes ? true : undefined,
    );
  }

  async function lostByRollout(storage: "memory" | "node"): Promise<number> {
    await rollOut(storage);
    await deepFlowIsAway(cluster, true);
    const { traceId, accepted } = await sendRequests(cluster, { parallel: 1, requestMib: 0.05, seconds: 1 });
    expect(accepted).toBeGreaterThan(10);
    await rollOut(storage);
    await deepFlowIsAway(cluster, false);
    return accepted - (await arrived(cluster, traceId, accepted, 20)).length;
  }

  test("loses what waits in memory", async () => {
    expect(await lostByRollout("memory")).toBeGreaterThan(0);
  });

  test("loses nothing that waits on the node", async () => {
    expect(await lostByRollout("node")).toBe(0);
  });
});
