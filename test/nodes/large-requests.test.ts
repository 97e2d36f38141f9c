import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withConfig } from "../cluster/stack.ts";
import type { LargeRequests } from "../e2e/deepflow-away.ts";
import { removeLimits } from "../e2e/receiver-limits.ts";
import {
  describeNodes,
  namespace,
  rollOut,
  serviceAddress,
  settled,
  startBench,
  type Bench,
} from "./harness.ts";
import { podsOf } from "./pods.ts";
import { run } from "./run.ts";

const program = join(import.meta.dirname, "..", "e2e", "programs", "large-requests.ts");

describeNodes("on a real node, large requests, while DeepFlow is away", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(1);
  });
  afterAll(async () => {
    await bench.cluster.stop();
  });

  async function send(input: LargeRequests) {
    const [pod] = bench.senders;
    if (pod === undefined) throw new Error("There is no pod to send from.");
    const endpoint = `OTEL_EXPORTER_OTLP_ENDPOINT=http://${await serviceAddress(bench)}:4318`;
    const command = bench.cluster.inPod(pod, ["env", endpoint, process.execPath, program]);
    return JSON.parse(await run(command, JSON.stringify(input))) as {
      traceId: string;
      accepted: number;
      answers: Record<string, number>;
    };
  }

  test("end a Collector without limits, by its memory limit", async () => {
    await rollOut(bench, {}, "agent", (files) => withConfig(files, removeLimits));
    await bench.deepFlow.goAway();
    await send({ parallel: 64, requestMib: 16, seconds: 5, same: true });
    const ends = async () => (await podsOf(bench.cluster, namespace)).map(({ lastEnd }) => lastEnd);
    await expect.poll(ends, { timeout: 30_000 }).toEqual(["OOMKilled"]);
    await bench.deepFlow.comeBack();
  });

  test("do not end the Collector in its memory limit, and what it accepts arrives", async () => {
    await rollOut(bench);
    await bench.deepFlow.goAway();
    const { traceId, accepted, answers } = await send({ parallel: 12, requestMib: 3.5, seconds: 10 });
    console.log(JSON.stringify({ accepted, answers }));
    expect(Object.keys(answers).filter((answer) => !["200", "429", "503"].includes(answer))).toEqual([]);
    expect(answers["503"]).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
    const [collector] = await settled(bench, 1);
    expect(collector).toMatchObject({ restarts: 0, lastEnd: undefined });
    await bench.deepFlow.comeBack();
    await expect.poll(() => bench.deepFlow.arrived(traceId).size, { timeout: 60_000 }).toBe(accepted);
  });
});
