import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeNodes, rollOut, serviceAddress, settled, startBench, type Bench } from "./harness.ts";
import { run } from "./run.ts";

const program = join(import.meta.dirname, "..", "e2e", "programs", "large-requests.ts");

describeNodes("on a real node, large requests, while DeepFlow is away", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(1);
    await rollOut(bench);
    await bench.deepFlow.goAway();
  });
  afterAll(async () => {
    await bench.cluster.stop();
  });

  async function send(input: { parallel: number; requestMib: number; seconds: number }) {
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

  test("do not end the Collector in its memory limit, and what it accepts arrives", async () => {
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
