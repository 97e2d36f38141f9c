import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { body } from "../../bench/bodies.ts";
import { RestartedCollector } from "../../bench/soak/collector.ts";
import { defaultVersion } from "../../components/otel-agent/collector-version.ts";
import { describeCluster } from "../cluster/harness.ts";

/** Nobody listens there: what it takes, it keeps. */
const nobody = 9;

describeCluster("the Collector of npm run soak", () => {
  const collector = new RestartedCollector(defaultVersion, nobody, "pod");
  beforeAll(() => collector.start());
  afterAll(async () => {
    await collector.stop("SIGKILL");
    collector.remove();
  });

  test("is in its memory limit", ({ skip }) => {
    if (collector.unenforced !== undefined) {
      console.log(collector.unenforced);
      skip(collector.unenforced);
    }
    const cgroups = readFileSync(`/proc/${String(collector.pid)}/cgroup`, "utf8");
    expect(cgroups).toMatch(/\/deepflow-otel-[0-9a-f]{12}\/collector$/m);
  });

  test("is started again when it has ended by itself, and that is counted once", async () => {
    expect(await collector.takes(body("java"))).toBe(true);
    const { pid = 0 } = collector;
    process.kill(pid, "SIGKILL");
    const takesAgain = async () => collector.pid !== pid && (await collector.takes(body("java")));
    await expect.poll(takesAgain, { timeout: 20_000 }).toBe(true);
    expect(collector.takeState()).toMatchObject({ crashes: 1, oomKills: 0 });
    expect(collector.takeState()).toMatchObject({ crashes: 0 });
  });

  test("that is told to end has not ended by itself", async () => {
    await collector.restart("SIGKILL");
    expect(collector.takeState()).toMatchObject({ crashes: 0, oomKills: 0 });
  });
});
