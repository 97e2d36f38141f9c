import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { ContainerStatus } from "../../local/cluster/node/pod-status.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { arrived } from "../../local/traffic.ts";
import { describeCluster } from "../cluster/harness.ts";
import {
  editedSuffix,
  renderOtelAgent,
  rolledOut,
  startWithDeepFlow,
  upOtelAgent,
  withConfig,
} from "../cluster/stack.ts";
import { deepFlowIsAway, httpSender, sendRequests } from "./deepflow-away.ts";
import { removeLimits } from "./receiver-limits.ts";

/** With an end that comes sooner, the Collector without limits was not killed in two of three runs. */
const asByDefault = { preStopSleepSeconds: 10 };

describeCluster("a few senders of large requests at a time, while DeepFlow is away", () => {
  let cluster: Cluster;
  let unenforced: string | undefined;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("large-requests");
    unenforced = ((await cluster.control("GET", "/memory-limits")) as { reason?: string }).reason;
    await upOtelAgent(cluster, asByDefault);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function collector(): Promise<ContainerStatus | undefined> {
    const { node } = await httpSender(cluster);
    const pods = await podsIn(cluster, "open-telemetry");
    return pods.find((pod) => pod.node === node && pod.phase !== "Terminating")?.containers[0];
  }

  test("without limits they end the Collector, and with it what it had accepted", async ({ skip }) => {
    if (unenforced !== undefined) {
      console.log(unenforced);
      skip(unenforced);
    }
    await applyRendered(cluster, "test", withConfig(await renderOtelAgent(asByDefault), removeLimits));
    await eventually("The rollout", async () =>
      (await kubectl(cluster, ["get", "pods", "-n", "open-telemetry", "-o", "yaml"])).includes(editedSuffix)
        ? true
        : undefined,
    );
    await rolledOut(cluster, "agent");
    await deepFlowIsAway(cluster, true);
    await sendRequests(cluster, { parallel: 64, requestMib: 16, seconds: 5, same: true });
    expect((await collector())?.oomKills).toBeGreaterThan(0);
    await deepFlowIsAway(cluster, false);
    await upOtelAgent(cluster, asByDefault);
  });

  test("are refused in ways that SDKs retry, the Collector runs on, and every accepted span arrives", async () => {
    await deepFlowIsAway(cluster, true);
    const { traceId, accepted, answers } = await sendRequests(cluster, {
      parallel: 12,
      requestMib: 3.5,
      seconds: 5,
    });
    expect(Object.keys(answers).filter((answer) => !["200", "503", "429"].includes(answer))).toEqual([]);
    expect(answers["503"]).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
    const container = await collector();
    expect([container?.restarts, container?.oomKills]).toEqual([0, undefined]);
    await deepFlowIsAway(cluster, false);
    expect(await arrived(cluster, traceId, accepted, 60)).toHaveLength(accepted);
  });

  test("a request above the limit is refused for good, and harms nobody else", async () => {
    expect(
      (await sendRequests(cluster, { parallel: 1, requestMib: 5, seconds: 1 })).answers,
    ).not.toHaveProperty("200");
    const small = await sendRequests(cluster, { parallel: 1, requestMib: 0.1, seconds: 1 });
    expect(Object.keys(small.answers)).toEqual(["200"]);
    expect(await arrived(cluster, small.traceId, small.accepted)).toHaveLength(small.accepted);
  });
});
