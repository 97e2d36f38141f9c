import { dump, load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { arrived, isRight, sendFromEveryPod, sendFrom } from "../../local/traffic.ts";
import { header, type RenderedFiles } from "../../render/files.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, renderOtelAgent, startWithDeepFlow } from "../cluster/stack.ts";

describeCluster("deepflow-agents with hostNetwork", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("host-network");
    const patch = JSON.stringify({ spec: { template: { spec: { hostNetwork: true } } } });
    await kubectl(cluster, ["patch", "daemonset", "-n", "deepflow", "deepflow-agent", "-p", patch]);
    await kubectl(cluster, [
      ...["rollout", "status", "-n", "deepflow", "daemonset/deepflow-agent", "--timeout=60s"],
    ]);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function up(files: RenderedFiles): Promise<void> {
    await applyRendered(cluster, "test", files);
    await collectorsReady(cluster, "open-telemetry", nodes);
  }

  test("are out of reach of a rule that selects pods of their namespace", async () => {
    await up(withNamespaceRule(await renderOtelAgent()));
    const [pod] = await podsIn(cluster, "sample-app");
    if (!pod) throw new Error("There is no pod to send from.");
    const { traceId, exported } = await sendFrom(cluster, pod, 3);
    expect(exported).toBe(true);
    expect(await arrived(cluster, traceId, 3, 5)).toEqual([]);
  });

  describe.each(["service", "node", "nodeLocalService"])("destination %s", (type) => {
    test("gets every span with its pod's address", async () => {
      await up(await renderOtelAgent({ destination: { type } }));
      expect((await sendFromEveryPod(cluster, "sample-app", { spans: 3 })).map(isRight)).toEqual(
        Array(4).fill(true),
      );
    });
  });
});

/** The Collector's egress rule for DeepFlow's port, for pods of DeepFlow's namespace alone. */
function withNamespaceRule(files: RenderedFiles): RenderedFiles {
  return new Map(
    [...files].map(([path, content]) => {
      if (!path.endsWith("/networkpolicy-otel-agent.yaml")) return [path, content];
      const policy = load(content) as { spec: { egress: Record<string, unknown>[] } };
      const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "deepflow" } };
      policy.spec.egress[0] = { ...policy.spec.egress[0], to: [{ namespaceSelector }] };
      return [path, `${header}\n${dump(policy)}`];
    }),
  );
}
