import { afterAll, beforeAll, expect, test } from "vitest";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { initPidFile } from "../../local/nodes/node-config.ts";
import {
  deleteCollectors,
  describeNodes,
  namespace,
  rollOut,
  settled,
  startBench,
  type Bench,
} from "./harness.ts";
import { run } from "./run.ts";
import { expectNothingLost, underLoad } from "./under-load.ts";

describeNodes("on a real node, while six pods send without retries", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(1);
    await rollOut(bench);
  });
  afterAll(async () => {
    await bench.cluster.stop();
  });

  const deleteAgent = () => deleteCollectors(bench);

  test("the Collector has no more rights than are rendered", async () => {
    const [pod] = await settled(bench, 1);
    const { node = "", container = "" } = pod ?? {};
    const read = async (script: string) =>
      run(bench.cluster.inNode(node, ["sh", "-c", `pid=$(cat ${initPidFile(container)}); ${script}`]));
    const status = await read("cat /proc/$pid/status");
    expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
    expect(status).toMatch(/^Gid:\t10001\t10001\t10001\t10001$/m);
    for (const capabilities of ["CapPrm", "CapEff", "CapBnd"])
      expect(status).toMatch(new RegExp(`^${capabilities}:\\t0+$`, "m"));
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    // 2 is a filter (man 5 proc_pid_status).
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(await read("cat /proc/$pid/mountinfo")).toMatch(/ \/ \/ ro,/);
    const labels = await kubectl(bench.cluster, ["get", "namespace", namespace, "-o", "yaml"]);
    expect(labels).toContain("pod-security.kubernetes.io/enforce: restricted");
  });

  test("every span arrives once, with its pod's address, and probes restart nothing", async () => {
    const result = await underLoad(bench, () => new Promise((resolve) => setTimeout(resolve, 15_000)));
    expect(result.http.sent + result.grpc.sent).toBeGreaterThan(15 * 500);
    expectNothingLost(result);
    expect((await settled(bench, 1))[0]?.restarts).toBe(0);
  });

  test("a rollout loses none", async () => {
    expectNothingLost(await underLoad(bench, () => rollOut(bench)));
  });

  test("a deletion loses none", async () => {
    expectNothingLost(await underLoad(bench, deleteAgent));
  });

  test("without preStop a rollout and a deletion lose some", async () => {
    const withoutPreStop = { preStopSleepSeconds: 0 };
    // Those that end in it have to be without it already.
    await rollOut(bench, withoutPreStop);
    const rollout = await underLoad(bench, () => rollOut(bench, withoutPreStop));
    const deletion = await underLoad(bench, deleteAgent);
    expect(rollout.http.missing + deletion.http.missing).toBeGreaterThan(0);
    expect(deletion.http.missing).toBeGreaterThan(0);
  });
});
