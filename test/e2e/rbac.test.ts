import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { arrived, sendFrom } from "../../local/traffic.ts";
import type { RenderedFiles } from "../../render/files.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, renderOtelAgent, startWithDeepFlow } from "../cluster/stack.ts";

describeCluster("the ClusterRole with one verb less", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("rbac");
  });
  afterAll(async () => {
    await cluster.stop();
  });

  /**
   * A namespace of its own for each test: an authorizer and a Collector that saw the other's role prove
   * nothing.
   */
  async function applyWithVerbs(
    namespace: string,
    verbs: string[],
    env: Record<string, string> = {},
  ): Promise<void> {
    const variables = Object.entries(env).map(
      ([name, value]) => `            - name: ${name}\n              value: '${value}'\n`,
    );
    const changed: RenderedFiles = new Map(
      [...(await renderOtelAgent({ namespace }))].map(([path, content]) => {
        if (path.includes("clusterrole-"))
          return [path, content.replace(/verbs:[^]*$/, `verbs: [${verbs.join(", ")}]\n`)];
        return [
          path,
          path.includes("daemonset-")
            ? content.replace("          env:\n", `          env:\n${variables.join("")}`)
            : content,
        ];
      }),
    );
    await applyRendered(cluster, namespace, changed);
  }

  /** The logs that the Collectors of a namespace have begun. */
  async function logs(namespace: string): Promise<string[]> {
    const containers = (await podsIn(cluster, namespace)).flatMap((pod) => pod.containers);
    return containers.map(({ log }) => log).filter((log) => existsSync(log));
  }

  /** Waits for the API server's refusal in the log of every Collector. */
  async function refused(namespace: string, verb: string): Promise<void> {
    await eventually(`A Collector that says that it may not ${verb}`, async () => {
      const refusals = (await logs(namespace)).filter((log) =>
        readFileSync(log, "utf8").includes(`cannot ${verb} resource`),
      );
      return refusals.length === nodes ? true : undefined;
    });
  }

  const endpoint = (namespace: string) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://otel-agent.${namespace}:4317`,
  });
  const grpcPod = async () => {
    const pod = (await podsIn(cluster, "sample-app")).find(({ name }) => name.includes("grpc"));
    if (!pod) throw new Error("There is no sample pod that sends over gRPC.");
    return pod;
  };

  // It lists again and again then, ever less often, so that a pod that came later is known or not as luck has
  // it: what can be relied on is the refusal.
  test("without watch, the API server refuses what the Collector needs to learn of new pods", async () => {
    await applyWithVerbs("no-watch", ["list"]);
    await collectorsReady(cluster, "no-watch", nodes);
    await refused("no-watch", "watch");
  });

  // Today's client streams its first list as a watch where the API server can (Kubernetes 1.36 does), and the
  // role would do without list; older servers and older Collectors list, as the client does with this
  // variable.
  test("without list, the Collector takes no spans, instead of passing them on without their pod", async () => {
    await applyWithVerbs("no-list", ["watch"], { KUBE_FEATURE_WatchListClient: "false" });
    await refused("no-list", "list");
    const { exported } = await sendFrom(cluster, await grpcPod(), 1, {
      ...endpoint("no-list"),
      OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
    });
    expect(exported).toBe(false);
    const healthy = (await podsIn(cluster, "no-list")).flatMap(({ containers }) =>
      containers.map(({ healthy }) => healthy),
    );
    expect(healthy).toEqual([false, false]);
  });

  test("and with both, the same variable and the same pod work", async () => {
    await applyWithVerbs("both", ["list", "watch"], { KUBE_FEATURE_WatchListClient: "false" });
    await collectorsReady(cluster, "both", nodes);
    const pod = await grpcPod();
    const { traceId } = await sendFrom(cluster, pod, 1, endpoint("both"));
    const [span] = await arrived(cluster, traceId, 1);
    expect(span?.resource).toMatchObject({ "k8s.pod.name": pod.name });
    for (const log of await logs("both")) expect(readFileSync(log, "utf8")).not.toContain("cannot ");
  });
});
