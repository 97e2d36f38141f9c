import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { renderSettings } from "../../render/stack.ts";
import { demosOf, stackFrom } from "../../stack.ts";
import { describeCluster, startTestCluster } from "./harness.ts";

interface Live {
  kind: string;
  metadata: { name: string; namespace?: string; uid: string; resourceVersion: string };
  spec: { volumes?: { persistentVolumeClaim?: { claimName: string } }[] };
  status: { phase?: string };
}

const webStoreWith = (services: object) => JSON.stringify({ persistence: {}, services });
const both = {
  "deepflow-otel:springBootWebShop": JSON.stringify({ persistence: { size: "2Gi" } }),
  "deepflow-otel:otelWebStore": webStoreWith({}),
};
const onlyWebStore = { "deepflow-otel:otelWebStore": both["deepflow-otel:otelWebStore"] };
const webShop = "deepflow-otel-spring-demo";
const webStore = "deepflow-otel-grpc-demo";

describeCluster("the demos on a real API server", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startTestCluster("demos", { nodes: 3 });
    await up(both);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function up(config: Readonly<Record<string, string>>): Promise<void> {
    await applyRendered(cluster, "test", await renderSettings(config, "test"));
    const demos = demosOf(stackFrom(config));
    await eventually("A pod of every service, running", async () => {
      for (const { demo } of demos) {
        const running = (await podsIn(cluster, demo.namespace)).filter(({ phase }) => phase === "Running");
        if (running.length !== Object.keys(demo.services).length) return undefined;
      }
      return true;
    });
  }

  async function live(kinds: string, ...where: string[]): Promise<Live[]> {
    const list = await kubectl(cluster, ["get", kinds, ...where, "-o", "json"]);
    return (JSON.parse(list) as { items: Live[] }).items;
  }

  const ours =
    "deployments,statefulsets,daemonsets,services,configmaps,networkpolicies,persistentvolumeclaims,pods";

  /** Everything in a namespace that would show a change. */
  async function versions(...namespaces: string[]): Promise<string[]> {
    const objects = await Promise.all(namespaces.map((namespace) => live(ours, "-n", namespace)));
    return objects
      .flat()
      .filter(
        ({ metadata }) => !metadata.name.endsWith("-deepflow-otel") && metadata.name !== "kube-root-ca.crt",
      )
      .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`)
      .sort();
  }

  test("exist under the Pod Security level that their namespaces claim, spread over the nodes", async () => {
    for (const namespace of [webShop, webStore]) {
      const described = await kubectl(cluster, ["get", "namespace", namespace, "-o", "yaml"]);
      expect(described).toContain("pod-security.kubernetes.io/enforce: baseline");
      const nodes = (await podsIn(cluster, namespace)).map(({ node }) => node);
      expect(new Set(nodes).size).toBe(3);
    }
    const events = await kubectl(cluster, ["get", "events", "-A", "--field-selector", "type=Warning"]);
    expect(events).not.toContain("violates PodSecurity");
  });

  test("applied again change nothing, and the same pods go on", async () => {
    const before = await versions(webShop, webStore);
    expect(before.length).toBeGreaterThan(80);
    await up(both);
    expect(await versions(webShop, webStore)).toEqual(before);
  });

  test.each([
    [webShop, "db-demo"],
    [webStore, "redis-cart"],
  ])("in %s, a new pod of %s gets the volume of the old one", async (namespace, name) => {
    const volume = async () => {
      const [pod] = await live("pods", "-n", namespace, `--field-selector=metadata.name=${name}-0`);
      const claim = pod?.spec.volumes?.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim ?? [])[0];
      const claims = await live("persistentvolumeclaims", "-n", namespace);
      const bound = claims.find(({ metadata }) => metadata.name === claim?.claimName);
      return { pod: pod?.metadata.uid, claim: bound?.metadata.uid, phase: bound?.status.phase };
    };
    const before = await volume();
    expect(before.phase).toBe("Bound");
    await kubectl(cluster, ["delete", "pod", "-n", namespace, `${name}-0`]);
    const after = await eventually("A new pod", async () => {
      const found = await volume();
      return found.pod !== undefined && found.pod !== before.pod ? found : undefined;
    });
    expect(after).toMatchObject({ claim: before.claim, phase: "Bound" });
  });

  test("a store whose pod never ran is replaced as soon as its setting is corrected", async () => {
    const stuck = {
      ...both,
      "deepflow-otel:otelWebStore": webStoreWith({ "redis-cart": { memory: "100Ti" } }),
    };
    await applyRendered(cluster, "test", await renderSettings(stuck, "test"));
    const phase = async () => {
      const [pod] = await live("pods", "-n", webStore, "--field-selector=metadata.name=redis-cart-0");
      return pod?.status.phase;
    };
    await eventually("A pod that fits no node", async () => (await phase()) === "Pending" || undefined);
    await up(both);
    expect(await phase()).toBe("Running");
  });

  test("are taken down one by one: nothing of the WebShop remains, and the rest does not notice", async () => {
    const before = await versions(webStore, "open-telemetry");
    await up(onlyWebStore);
    await kubectl(cluster, ["wait", "--for=delete", `namespace/${webShop}`, "--timeout=60s"]);
    expect(await versions(webStore, "open-telemetry")).toEqual(before);
    expect(await podsIn(cluster, webShop)).toEqual([]);
    const volumes = await live("persistentvolumes");
    expect(volumes.map(({ metadata }) => metadata.name)).toEqual([`${webStore}-redis-cart-data`]);
  });

  test("removed leave nothing", async () => {
    await up({});
    await kubectl(cluster, ["wait", "--for=delete", `namespace/${webStore}`, "--timeout=60s"]);
    const left = await kubectl(cluster, ["get", "namespaces,persistentvolumes", "-o", "name"]);
    expect(left).not.toMatch(/demo|redis/);
    expect(left).toContain("namespace/open-telemetry");
  });
});
