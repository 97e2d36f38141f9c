import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { dump } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controllerReady } from "../../local/agent-group.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { startController, type Controller } from "../../local/deepflow/controller.ts";
import { controllerAddress } from "../../local/embedded-cluster.ts";
import { engineStack } from "../../local/engine.ts";
import { isRight, sendFromEveryPod } from "../../local/traffic.ts";
import { registrations } from "../../render/objects.ts";
import { stackFrom } from "../../stack.ts";
import { startTestCluster } from "../cluster/harness.ts";
import { observeService } from "../cluster/service-endpoints.ts";
import { nodes, startWithDeepFlow } from "../cluster/stack.ts";
import { describeEngine } from "./describe-engine.ts";

/**
 * Registered resources of the default stack: the stack itself, the provider, the component and its eight
 * objects.
 */
const resources = 11;

describeEngine("the program under the real Pulumi engine, against the embedded cluster", () => {
  let cluster: Cluster;
  let stack: Stack;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("engine");
    stack = await stackOf("engine", { resourceAttributes: { team: "shop" } });
  });
  afterAll(async () => {
    await cluster.stop();
  });

  function stackOf(name: string, otelAgent: object): Promise<Stack> {
    const folder = join(cluster.dir, name);
    const config = join(cluster.dir, `${name}.yaml`);
    writeFileSync(config, dump({ config: { "deepflow-otel:otelAgent": otelAgent } }));
    return engineStack({ folder, stack: "test", config, kubeconfig: cluster.kubeconfig });
  }

  const uids = async () => (await podsIn(cluster, "open-telemetry")).map(({ uid }) => uid).sort();

  test("a preview without a cluster works, and knows where applications send to", async () => {
    const offline = await engineStack({
      folder: join(cluster.dir, "offline"),
      stack: "test",
      config: join(cluster.dir, "engine.yaml"),
      kubeconfig: join(cluster.dir, "no-such-kubeconfig"),
    });
    const { changeSummary } = await offline.preview();
    expect(changeSummary).toEqual({ create: resources });
  });

  test("preview says what up does, and up creates it and waits for it", async () => {
    expect((await stack.preview()).changeSummary).toEqual({ create: resources });
    const { summary, outputs, stdout } = await stack.up();
    expect(summary.resourceChanges).toEqual({ create: resources });
    // Where the plugins are found is this machine's affair.
    const warnings = stdout.split("\n").filter((line) => /warning: (?!using pulumi-resource)/.test(line));
    expect(warnings).toEqual([]);
    expect(outputs["otlpEndpoints"]?.value).toEqual({
      grpc: "http://otel-agent.open-telemetry:4317",
      "http/protobuf": "http://otel-agent.open-telemetry:4318",
    });
    await collectorsReady(cluster, "open-telemetry", nodes);
  });

  test("spans arrive with the address of their pod", async () => {
    const proof = await sendFromEveryPod(cluster, "sample-app");
    expect(proof).toHaveLength(2 * nodes);
    expect(proof.filter((delivery) => !isRight(delivery))).toEqual([]);
  });

  test("an up that changes nothing, and a refresh, change nothing", async () => {
    const before = await uids();
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: resources });
    expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(["same"]);
    expect((await stack.preview({ expectNoChanges: true })).changeSummary).toEqual({ same: resources });
    expect(await uids()).toEqual(before);
  });

  test("a changed configuration is another ConfigMap, which rolls the pods", async () => {
    const before = await uids();
    await stack.setConfig("deepflow-otel:otelAgent.resourceAttributes.team", { value: "platform" }, true);
    const { summary } = await stack.up();
    expect(summary.resourceChanges).toEqual({ replace: 1, update: 1, same: resources - 2 });
    await collectorsReady(cluster, "open-telemetry", nodes);
    expect((await uids()).filter((uid) => before.includes(uid))).toEqual([]);
  });

  test("a change of topology replaces the workload only, and the Service leads to a Collector all the while", async () => {
    await stack.setConfig("deepflow-otel:topology", { value: "gateway" });
    const up = stack.up();
    const { uids, fewest } = await observeService(cluster, up);
    // The Deployment and its disruption budget come, the DaemonSet goes, the Service changes in place, the
    // configuration is another ConfigMap.
    expect((await up).summary.resourceChanges).toEqual({
      create: 2,
      replace: 1,
      update: 1,
      delete: 1,
      same: resources - 3,
    });
    expect([uids.size, fewest > 0]).toEqual([1, true]);
    await collectorsReady(cluster, "open-telemetry", nodes);
    const proof = await sendFromEveryPod(cluster, "sample-app");
    expect(proof.filter((delivery) => !isRight(delivery))).toEqual([]);
  });

  test("a setting that does not fit stops the program with its sentence, and changes nothing", async () => {
    const before = await uids();
    await stack.setConfig("deepflow-otel:otelAgent.selfMetrics", { value: "often" }, true);
    await expect(stack.up()).rejects.toThrow(
      'deepflow-otel:otelAgent.selfMetrics is "often"; write true or false.',
    );
    await stack.removeConfig("deepflow-otel:otelAgent.selfMetrics", true);
    expect(await uids()).toEqual(before);
  });

  test("destroy leaves nothing, in the cluster and in the state", async () => {
    await stack.destroy();
    const { resources: left = [] } = (await stack.exportStack()).deployment as { resources?: unknown[] };
    expect(left).toEqual([]);
    const objects = await kubectl(cluster, [
      "get",
      "namespaces,clusterroles,clusterrolebindings",
      "-o",
      "name",
    ]);
    expect(objects).not.toMatch(/open-telemetry|deepflow-otel/);
    expect(await podsIn(cluster, "open-telemetry")).toEqual([]);
  });
});

describeEngine("the demos under the real Pulumi engine", () => {
  const webShop = "deepflow-otel-spring-demo";
  const demos = { springBootWebShop: {}, otelWebStore: {} };
  let cluster: Cluster;
  let stack: Stack;
  beforeAll(async () => {
    cluster = await startTestCluster("engine-demos", { nodes });
    const config = join(cluster.dir, "demos.yaml");
    const entries = Object.entries(demos).map(([key, value]) => [`deepflow-otel:${key}`, value]);
    writeFileSync(config, dump({ config: Object.fromEntries(entries) as object }));
    const folder = join(cluster.dir, "demos");
    stack = await engineStack({ folder, stack: "demos", config, kubeconfig: cluster.kubeconfig });
  });
  afterAll(async () => {
    await cluster.stop();
  });

  /** How many resources the program registers for these demos, the stack among them. */
  async function count(...keys: (keyof typeof demos)[]): Promise<number> {
    const config = Object.fromEntries(keys.map((key) => [`deepflow-otel:${key}`, "{}"]));
    return (await registrations(stackFrom(config), "demos")).length;
  }

  async function rootPassword(): Promise<string> {
    const args = ["get", "secret", "-n", webShop, "db-demo-root", "-o", "jsonpath={.data.password}"];
    return Buffer.from(await kubectl(cluster, args), "base64").toString();
  }

  /**
   * The files of the backend, checkpoints and history alike, that a secret can be read in. (`exportStack`
   * cannot tell: the Automation API asks the CLI to decrypt.)
   */
  function filesWith(secret: string): string[] {
    const folder = join(cluster.dir, "demos", "state");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(0);
    const readable = [secret, Buffer.from(secret).toString("base64")];
    return files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => readable.some((text) => readFileSync(file, "utf8").includes(text)));
  }

  test("come up both, after the Collector, and say what people need next", async () => {
    const { summary, outputs } = await stack.up();
    expect(summary.resourceChanges).toEqual({ create: await count("springBootWebShop", "otelWebStore") });
    expect(outputs["springBootWebShop"]?.value).toMatchObject({
      frontEndUrl: `http://web-shop.${webShop}:8090`,
      servicesWithoutEndpoint: [],
    });
    expect(outputs["otelWebStore"]?.value).toMatchObject({ frontEndUrl: expect.any(String) as string });
    expect(await podsIn(cluster, webShop)).toHaveLength(8);
  });

  test("keep their generated password, which is nowhere in the state in plain text", async () => {
    const password = await rootPassword();
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(filesWith(password)).toEqual([]);
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(["same"]);
    await stack.setConfig("deepflow-otel:springBootWebShop.loadGenerator.users", { value: "3" }, true);
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ update: 1 });
    expect(await rootPassword()).toBe(password);
  });

  test("move to volumes, to those of another class, and back, while their pods run", async () => {
    const classes = ["slow", "fast"];
    const volumes = classes.map((storageClassName) => ({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: storageClassName },
      spec: {
        storageClassName,
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: join(cluster.dir, storageClassName) },
      },
    }));
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: volumes });
    await kubectl(cluster, ["apply", "-f", "-"], { input });
    const claims = () =>
      kubectl(cluster, [
        "get",
        "persistentvolumeclaims",
        "-A",
        "-o",
        "jsonpath={.items[*]['metadata.name','status.phase']}",
      ]);
    for (const storageClass of classes) {
      const key = "deepflow-otel:otelWebStore.persistence.storageClass";
      await stack.setConfig(key, { value: storageClass }, true);
      await stack.up();
      expect(await claims()).toBe(`redis-cart-data-${storageClass} Bound`);
    }
    await stack.removeConfig("deepflow-otel:otelWebStore.persistence", true);
    await stack.up();
    expect(await claims()).toBe("");
  });

  test("are taken down one by one: the other and the Collector stay as they are", async () => {
    const uids = async (namespace: string) => (await podsIn(cluster, namespace)).map(({ uid }) => uid).sort();
    const before = [await uids("deepflow-otel-grpc-demo"), await uids("open-telemetry")];
    await stack.removeConfig("deepflow-otel:springBootWebShop");
    const [both, one] = [await count("springBootWebShop", "otelWebStore"), await count("otelWebStore")];
    expect((await stack.up()).summary.resourceChanges).toEqual({ delete: both - one, same: one });
    expect([await uids("deepflow-otel-grpc-demo"), await uids("open-telemetry")]).toEqual(before);
    expect(await kubectl(cluster, ["get", "namespaces", "-o", "name"])).not.toContain(webShop);
  });

  test("are gone after destroy", async () => {
    await stack.destroy();
    const { resources: left = [] } = (await stack.exportStack()).deployment as { resources?: unknown[] };
    expect(left).toEqual([]);
    expect(await kubectl(cluster, ["get", "namespaces", "-o", "name"])).not.toMatch(/demo|open-telemetry/);
  });
});

describeEngine("the agent group under the real Pulumi engine", () => {
  const start = "# ours\nglobal:\n  limits:\n    max_millicpus: 500\n";
  const set = start.replace("# ours\n", "# ours\ninputs:\n  integration:\n    enabled: true\n");
  let controller: Controller;
  let cluster: Cluster;
  let stack: Stack;
  beforeAll(async () => {
    controller = await startController({ groups: [{ name: "default", config: start }] });
    cluster = await startTestCluster("engine-group");
    const config = join(cluster.dir, "group.yaml");
    const { host, port } = controller;
    // No Collector: what is tested is the group.
    const settings = {
      "deepflow-otel:topology": "direct",
      "deepflow-otel:agentGroup": { controller: { host, port }, transport: "http" },
    };
    writeFileSync(config, dump({ config: settings }));
    stack = await engineStack({
      folder: join(cluster.dir, "group"),
      stack: "group",
      config,
      kubeconfig: cluster.kubeconfig,
    });
  });
  afterAll(async () => {
    await cluster.stop();
    await controller.stop();
  });

  test("a preview writes nothing, and up sets the value with everything else as it is", async () => {
    await stack.preview();
    expect(controller.stored("default")).toBe(start);
    await stack.up();
    expect(controller.stored("default")).toBe(set);
  });

  test("an up and a refresh that change nothing are quiet, and write nothing", async () => {
    const writes = () => controller.requests.filter(({ method }) => method !== "GET").length;
    const before = writes();
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(["same"]);
    expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(["same"]);
    expect(writes()).toBe(before);
  });

  test("what somebody changed is reported by a preview, and put back by the next up, without an update", async () => {
    controller.setStored("default", set.replace("true", "false"));
    const { stdout } = await stack.preview();
    expect(stdout).toContain("inputs.integration.enabled in agent group default (false → true) would change");
    expect(controller.stored("default")).toBe(set.replace("true", "false"));
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(["same"]);
    expect(controller.stored("default")).toBe(set);
  });

  test("a changed value is an update in place", async () => {
    await stack.setConfig("deepflow-otel:agentGroup.integration.enabled", { value: "false" }, true);
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ update: 1 });
    expect(controller.stored("default")).toBe(set.replace("true", "false"));
  });

  test("a destroy without the controller fails and says why, and one with it puts everything back", async () => {
    controller.faults.push({ fault: { type: "close" }, times: 1000 });
    await expect(stack.destroy()).rejects.toThrow(/failed: /);
    controller.faults.length = 0;
    await stack.destroy();
    expect(controller.stored("default")).toBe(start);
  });
});

describeEngine("a program of one's own, with components of this project", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("own-program");
    await controllerReady(controllerAddress(cluster));
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test("comes up, sends to the Collectors, and goes again", async () => {
    const { host, port } = controllerAddress(cluster);
    const config = join(cluster.dir, "own-program.yaml");
    const controller = { "own-program:controllerHost": host, "own-program:controllerPort": String(port) };
    writeFileSync(config, dump({ config: controller }));
    const program = join(import.meta.dirname, "..", "..", "examples", "own-program");
    const { kubeconfig } = cluster;
    const folder = join(cluster.dir, "own-program");
    const stack = await engineStack({ folder, stack: "test", config, kubeconfig, program });
    await stack.up();
    await collectorsReady(cluster, "open-telemetry", nodes);
    const deployment = await kubectl(cluster, ["get", "deployment", "checkout", "-o", "yaml"]);
    expect(deployment).toContain("value: http://otel-agent.open-telemetry:4317");
    await stack.destroy();
    expect(await podsIn(cluster, "open-telemetry")).toEqual([]);
  });
});
