import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configureAgentGroup } from "../../local/agent-group.ts";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { replay } from "../../local/replay/replay.ts";
import { verifyEmbedded } from "../../local/verify.ts";
import { renderSettings } from "../../render/stack.ts";
import { demosOf, stackFrom } from "../../stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, startWithDeepFlow } from "../cluster/stack.ts";

const config = { "deepflow-otel:springBootWebShop": "{}" };

describeCluster("npm run verify, on a real API server", () => {
  const folder = mkdtempSync(join(tmpdir(), "verify-test-"));
  const page = join(folder, "page.html");
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("verify");
    await configureAgentGroup(cluster);
    await applyRendered(cluster, "test", await renderSettings(config, "test"));
    await collectorsReady(cluster, "open-telemetry", nodes);
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  });

  const verified = () => {
    const { signal } = new AbortController();
    return verifyEmbedded(cluster, {
      name: "test",
      stack: stackFrom(config),
      windowSeconds: 900,
      signal,
      page,
    });
  };

  test("every step is right once a demo was replayed, and the page draws its trace", async () => {
    for (const { demo } of demosOf(stackFrom(config)))
      expect((await replay(cluster, demo)).problems).toEqual([]);
    const { steps } = await verified();
    expect(steps.map(({ finding }) => `${finding.state}: ${finding.saw}`)).toEqual(
      steps.map(() => expect.stringMatching(/^passed: /) as unknown),
    );
    expect(steps).toHaveLength(7);
    const text = readFileSync(page, "utf8");
    expect(text).toContain("✓ Every step is right.");
    expect(text).toContain("(eBPF, s-p)");
  });

  test("a workload that is gone is named, and so is a Service that leads nowhere", async () => {
    await kubectl(cluster, [
      "delete",
      "-n",
      "open-telemetry",
      "daemonset/otel-agent",
      "--cascade=foreground",
    ]);
    const [objects] = (await verified()).steps;
    expect(objects?.finding).toMatchObject({
      state: "failed",
      saw: "DaemonSet open-telemetry/otel-agent is not there; Service open-telemetry/otel-agent leads to no ready pod.",
    });
  });
});
