import { afterAll, beforeAll, expect, test } from "vitest";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { changeTopology, describeNodes, rollOut, settled, startBench, type Bench } from "./harness.ts";
import { expectNothingLost, underLoad } from "./under-load.ts";

describeNodes("on two real nodes, while six pods send without retries", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(2);
    await rollOut(bench, {}, "gateway");
  });
  afterAll(async () => {
    await bench.cluster.stop();
  });

  test("a change of topology, and back, loses none", async () => {
    const change = async () => {
      await changeTopology(bench, "agent");
      await changeTopology(bench, "gateway");
    };
    expectNothingLost(await underLoad(bench, change));
  });

  test("a drain of a node with a gateway loses none, across nodes every span has its pod's address", async () => {
    expect(new Set(bench.senders.map(({ node }) => node)).size).toBe(2);
    const drain = async () => {
      // The senders stay: what their own end costs is not the Collector's.
      await kubectl(bench.cluster, [
        ...["drain", "node-1", "--pod-selector=app.kubernetes.io/name=otel-agent", "--timeout=90s"],
      ]);
      await settled(bench, 2);
    };
    expectNothingLost(await underLoad(bench, drain));
    expect((await settled(bench, 2)).map(({ node }) => node)).toEqual(["node-2", "node-2"]);
  });
});
