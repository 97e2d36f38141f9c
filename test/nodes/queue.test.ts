import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../local/cluster/pods.ts";
import { initPidFile } from "../../local/nodes/node-config.ts";
import { deleteCollectors, describeNodes, rollOut, settled, startBench, type Bench } from "./harness.ts";
import type { RealPod } from "./pods.ts";
import { run } from "./run.ts";
import { judge, load } from "./under-load.ts";

describeNodes("on a real node, while DeepFlow is away", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(1);
  });
  afterAll(async () => {
    await bench.cluster.stop();
  });

  async function collector(): Promise<RealPod> {
    const [pod] = await settled(bench, 1);
    if (pod === undefined) throw new Error("There is no Collector.");
    return pod;
  }

  /** Spans that a Collector has accepted and that do not arrive, because of what is done to it meanwhile. */
  async function lostBy(disturb: () => Promise<void>): Promise<number> {
    await bench.deepFlow.goAway();
    const sent = await load(bench, () => delay(3_000));
    await disturb();
    await bench.deepFlow.comeBack();
    const { http, grpc } = await judge(bench, sent);
    expect([http.lost, grpc.lost]).toEqual([{}, {}]);
    return http.missing + grpc.missing;
  }

  /** As the kernel does when memory runs out. */
  async function kill(): Promise<void> {
    const { node, container, restarts } = await collector();
    await run(bench.cluster.inNode(node, ["sh", "-c", `kill -9 $(cat ${initPidFile(container)})`]));
    await eventually("The container's restart", async () =>
      (await collector()).restarts > restarts ? true : undefined,
    );
  }

  test("a Collector that is killed loses what waits in memory", async () => {
    await rollOut(bench);
    expect(await lostBy(kill)).toBeGreaterThan(0);
  });

  test("what waits in its pod outlives the container", async () => {
    await rollOut(bench, { queue: { storage: "pod" } });
    expect(await lostBy(kill)).toBe(0);
  });

  test("what waits on the node outlives the pod", async () => {
    await rollOut(bench, { queue: { storage: "node" } });
    expect(await lostBy(() => deleteCollectors(bench))).toBe(0);
  });

  test("what waits on the node outlives a rollout", async () => {
    const onNode = { queue: { storage: "node" } };
    await rollOut(bench, onNode);
    expect(await lostBy(() => rollOut(bench, onNode))).toBe(0);
  });
});
