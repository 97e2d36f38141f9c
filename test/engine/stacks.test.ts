import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { dump } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { podsIn } from "../../local/cluster/pods.ts";
import { engineStack } from "../../local/engine.ts";
import { startTestCluster } from "../cluster/harness.ts";
import { describeEngine } from "./describe-engine.ts";

const demoNamespace = "deepflow-otel-grpc-demo";

/** Stacks of one project, in one backend, against one cluster. */
function stacksOn(cluster: () => Cluster) {
  return (stack: string, settings: object): Promise<Stack> => {
    const { dir, kubeconfig } = cluster();
    const config = join(dir, `${stack}.yaml`);
    const entries = Object.entries(settings).map(([key, value]) => [
      `deepflow-otel:${key}`,
      value as unknown,
    ]);
    writeFileSync(config, dump({ config: Object.fromEntries(entries) as object }));
    return engineStack({ folder: join(dir, "stacks"), stack, config, kubeconfig });
  };
}

async function resourceCount(stack: Stack): Promise<number> {
  const { resources = [] } = (await stack.exportStack()).deployment as { resources?: unknown[] };
  return resources.length;
}

describeEngine("a stack with demos on the Collectors of another", () => {
  let cluster: Cluster;
  let dev: Stack;
  let demo: Stack;
  const stackOf = stacksOn(() => cluster);
  beforeAll(async () => {
    cluster = await startTestCluster("engine-base", { nodes: 2 });
    // The demo's file is there when the base is deployed, as in a repository.
    demo = await stackOf("demo", { base: "dev", otelWebStore: {} });
    dev = await stackOf("dev", { otelAgent: { namespace: "observability" } });
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test("says what to do while the base is not deployed, and writes nothing", async () => {
    const sentence = /The stack dev has no output destination: it is not deployed/;
    await expect(demo.preview()).rejects.toThrow(sentence);
    await expect(demo.up()).rejects.toThrow(sentence);
    expect(await kubectl(cluster, ["get", "namespaces", "-o", "name"])).not.toContain(demoNamespace);
  });

  test("takes the base's Destination, and has nothing but the demo", async () => {
    await dev.up();
    await demo.up();
    const args = ["get", "deployment/frontend", "-n", demoNamespace, "-o", "jsonpath={..env}"];
    expect(await kubectl(cluster, args)).toContain("http://otel-agent.observability:");
    expect(await podsIn(cluster, "open-telemetry")).toEqual([]);
    expect(Object.keys((await demo.up()).summary.resourceChanges ?? {})).toEqual(["same"]);
  });

  test("keeps its base from being destroyed", async () => {
    const before = await podsIn(cluster, "observability");
    await expect(dev.destroy()).rejects.toThrow(
      "The stack dev stays: demo sends spans to its Collectors, which would be lost. Run `pulumi destroy --stack demo` first.",
    );
    expect(await podsIn(cluster, "observability")).toEqual(before);
  });

  test("goes and leaves the base as it is, which can go then", async () => {
    const uids = async () => (await podsIn(cluster, "observability")).map(({ uid }) => uid).sort();
    const before = await uids();
    await demo.destroy();
    expect([await podsIn(cluster, demoNamespace), await uids()]).toEqual([[], before]);
    await dev.destroy();
    expect([await resourceCount(dev), await podsIn(cluster, "observability")]).toEqual([0, []]);
  });
});

describeEngine("two stacks on one cluster", () => {
  let cluster: Cluster;
  let one: Stack;
  const stackOf = stacksOn(() => cluster);
  beforeAll(async () => {
    cluster = await startTestCluster("engine-two", { nodes: 1 });
    one = await stackOf("one", { otelWebStore: {} });
    await one.up();
  });
  afterAll(async () => {
    await cluster.stop();
  });

  const objects = () =>
    kubectl(cluster, [
      "get",
      "namespaces,clusterroles,clusterrolebindings,daemonsets,services",
      "-A",
      "-o",
      "name",
    ]);

  test("are refused where they meet, by the object and its stack, before anything is written", async () => {
    const before = await objects();
    const two = await stackOf("two", { springBootWebShop: {} });
    const sentence =
      "Namespace open-telemetry belongs to the stack deepflow-otel/one; set deepflow-otel:otelAgent.namespace to another name";
    await expect(two.preview()).rejects.toThrow(sentence);
    // The Automation API's up has no preview before it.
    await expect(two.up()).rejects.toThrow(sentence);
    expect(await objects()).toBe(before);
  });

  test("are refused when a demo comes to one that is there", async () => {
    const three = await stackOf("three", { otelAgent: { namespace: "three" } });
    await three.up();
    const before = await objects();
    await three.setConfig("deepflow-otel:otelWebStore", { value: "{}" });
    const sentence = `Namespace ${demoNamespace} belongs to the stack deepflow-otel/one; set deepflow-otel:otelWebStore.namespace to another name.`;
    await expect(three.up()).rejects.toThrow(sentence);
    expect(await objects()).toBe(before);
    await three.destroy();
  });

  test("live side by side in namespaces of their own", async () => {
    const four = await stackOf("four", {
      otelAgent: { namespace: "four" },
      otelWebStore: { namespace: "four-store" },
    });
    await four.up();
    expect((await one.up()).summary.resourceChanges).toEqual({ same: await resourceCount(one) });
    await four.destroy();
    expect(await podsIn(cluster, demoNamespace)).not.toEqual([]);
  });
});

describeEngine("an up that does not come to its end", () => {
  let cluster: Cluster;
  let stack: Stack;
  const stackOf = stacksOn(() => cluster);
  beforeAll(async () => {
    cluster = await startTestCluster("engine-half", { nodes: 1 });
    stack = await stackOf("half", { otelWebStore: {} });
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test("is continued by the next, after it was cancelled half-way", async () => {
    const interrupted = new AbortController();
    let created = 0;
    const up = stack.up({
      signal: interrupted.signal,
      onEvent: ({ resOutputsEvent }) => {
        if (resOutputsEvent && (created += 1) === 20) interrupted.abort();
      },
    });
    await expect(up).rejects.toThrow();
    const before = await resourceCount(stack);
    await stack.up({ refresh: true });
    expect(await resourceCount(stack)).toBeGreaterThan(before);
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: await resourceCount(stack) });
  });

  test("a second up at the same time is refused, and the first ends well", async () => {
    await stack.setConfig("deepflow-otel:otelWebStore.loadGenerator.users", { value: "2" }, true);
    const ups = await Promise.allSettled([stack.up(), stack.up()]);
    const failed = ups.filter((up) => up.status === "rejected");
    expect(failed).toHaveLength(1);
    expect(String(failed[0]?.reason)).toContain("the stack is currently locked");
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: await resourceCount(stack) });
    await stack.destroy();
  });
});
