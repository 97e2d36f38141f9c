import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { ProgramResult } from "../../local/cluster/node/pod-program.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { arrived } from "../../local/traffic.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, renderOtelAgent, rolledOut, startWithDeepFlow } from "../cluster/stack.ts";

interface Sent {
  readonly traceId: string;
  readonly accepted: number;
}

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

  async function deepFlowIsAway(away: boolean): Promise<void> {
    const spec = { template: { spec: { nodeSelector: away ? { "no-such": "node" } : null } } };
    const patch = JSON.stringify({ spec });
    await kubectl(cluster, [
      "patch",
      "daemonset",
      "-n",
      "deepflow",
      "deepflow-agent",
      "--type=merge",
      "-p",
      patch,
    ]);
    await eventually(`DeepFlow's agents, ${away ? "gone" : "back"}`, async () => {
      const agents = (await podsIn(cluster, "deepflow")).filter(({ name }) =>
        name.startsWith("deepflow-agent-"),
      );
      return agents.length === (away ? 0 : nodes) ? true : undefined;
    });
  }

  async function send(): Promise<Sent> {
    const pod = (await podsIn(cluster, "sample-app")).find(({ name }) => name.includes("http"));
    const program = "test/e2e/programs/large-requests.ts";
    const input = { parallel: 1, requestMib: 0.05, seconds: 1 };
    const request = { namespace: pod?.namespace, pod: pod?.name, program, input };
    const { stdout, stderr } = (await cluster.control("POST", "/run", request)) as ProgramResult;
    if (stdout === "") throw new Error(`The sender said: ${stderr.trim()}`);
    return JSON.parse(stdout) as Sent;
  }

  async function lostByRollout(storage: "memory" | "node"): Promise<number> {
    await rollOut(storage);
    await deepFlowIsAway(true);
    const { traceId, accepted } = await send();
    expect(accepted).toBeGreaterThan(10);
    await rollOut(storage);
    await deepFlowIsAway(false);
    return accepted - (await arrived(cluster, traceId, accepted, 20)).length;
  }

  test("loses what waits in memory", async () => {
    expect(await lostByRollout("memory")).toBeGreaterThan(0);
  });

  test("loses nothing that waits on the node", async () => {
    expect(await lostByRollout("node")).toBe(0);
  });
});
