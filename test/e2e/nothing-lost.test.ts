import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import type { RenderedFiles } from "../../render/files.ts";
import { renderSettings } from "../../render/stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { changeTopology, nodes, rolledOut, startWithDeepFlow } from "../cluster/stack.ts";
import { losses, underLoad, type LoadResult } from "./under-load.ts";

type Topology = "agent" | "gateway";

describeCluster(
  "while senders send without a pause, over HTTP that retries no refused connection and over gRPC",
  () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startWithDeepFlow("nothing-lost");
    });
    afterAll(async () => {
      await cluster.stop();
    });

    let run = 0;
    /** A rendering that differs from all others, so that its pods are new. */
    function rendered(topology: Topology, otelAgent = {}): Promise<RenderedFiles> {
      run += 1;
      return renderSettings(
        {
          "deepflow-otel:topology": topology,
          "deepflow-otel:otelAgent": JSON.stringify({
            ...otelAgent,
            resourceAttributes: { run: String(run) },
          }),
        },
        "test",
      );
    }

    /** Pods that are told to end have ended, too. */
    async function settled(): Promise<void> {
      await eventually("The end of the Collectors that were replaced", async () => {
        const pods = await podsIn(cluster, "open-telemetry");
        return pods.length === nodes ? true : undefined;
      });
    }

    async function deleteAgents(): Promise<void> {
      await kubectl(cluster, ["delete", "pods", "-n", "open-telemetry", "--all"]);
      await collectorsReady(cluster, "open-telemetry", nodes);
    }

    async function up(topology: Topology, files?: RenderedFiles): Promise<void> {
      await applyRendered(cluster, "test", files ?? (await rendered(topology)));
      await rolledOut(cluster, topology);
    }

    test("without preStop a rollout loses spans, because kube-proxy sends to a Collector that has stopped listening", async () => {
      await up("agent");
      const withoutPreStop = { preStopSleepSeconds: 0 };
      // Those that end in it have to be without it already.
      await up("agent", await rendered("agent", withoutPreStop));
      await settled();
      const results = await underLoad(cluster, async () => {
        await up("agent", await rendered("agent", withoutPreStop));
        await settled();
      });
      expect(refused(results)).not.toEqual([]);
    });

    test("with a preStop of a second an agent that is deleted loses spans, because the next one is not ready yet", async () => {
      await up("agent", await rendered("agent", { preStopSleepSeconds: 1 }));
      await settled();
      expect(refused(await underLoad(cluster, deleteAgents))).not.toEqual([]);
    });

    test("a rollout of the agents loses none", async () => {
      await up("agent");
      await settled();
      const results = await underLoad(cluster, async () => {
        await up("agent");
        await settled();
      });
      expect(losses(results)).toEqual([]);
    });

    test("an agent that is deleted loses none", async () => {
      expect(losses(await underLoad(cluster, deleteAgents))).toEqual([]);
    });

    test("a change from agents to gateways loses none", async () => {
      const results = await underLoad(cluster, async () => {
        await changeTopology(cluster, "gateway", await rendered("gateway"));
        await settled();
      });
      expect(losses(results)).toEqual([]);
    });

    test("a rollout of the gateways, and the drain of a node with one, lose none", async () => {
      const results = await underLoad(cluster, async () => {
        await up("gateway");
        await settled();
        await kubectl(cluster, [
          "drain",
          "node-1",
          "--ignore-daemonsets",
          "--delete-emptydir-data",
          "--timeout=90s",
        ]);
        await collectorsReady(cluster, "open-telemetry", nodes);
        await kubectl(cluster, ["uncordon", "node-1"]);
      });
      expect(losses(results)).toEqual([]);
    });

    test("a change from gateways to agents loses none", async () => {
      const results = await underLoad(cluster, async () => {
        await changeTopology(cluster, "agent", await rendered("agent"));
        await settled();
      });
      expect(losses(results)).toEqual([]);
    });
  },
);

/** What the senders over HTTP lost by, who retry no refused connection. */
function refused(results: readonly LoadResult[]): string[] {
  return results.filter(({ sender }) => sender.includes("http")).flatMap(({ lost }) => Object.keys(lost));
}
