import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { applyManifests, kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { clusterFolder, folders } from "../../render/files.ts";
import { identity, type KubernetesObject } from "../../render/objects.ts";
import { renderSettings } from "../../render/stack.ts";
import { documents } from "../e2e/documents/documents.ts";
import { golden, goldenFolder, goldenStacks } from "../goldens/goldens.ts";
import { describeCluster, startTestCluster } from "./harness.ts";
import { applyPrometheusOperatorCrds } from "./prometheus-operator/crds.ts";
import { observeService } from "./service-endpoints.ts";
import { changeTopology, nodes, renderOtelAgent, upOtelAgent } from "./stack.ts";

interface Live {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion: string };
}

/** The commands of the README's section on the documents' manifest, each as arguments of kubectl. */
function readmeCommands(): string[][] {
  const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
  const [, section = ""] = readme.split("documents' manifest is already applied");
  const [, block = ""] = section.split("```sh\n");
  const commands = (block.split("```")[0] ?? "").trim().split("\n");
  return commands.filter((line) => line.startsWith("kubectl ")).map((line) => line.split(" ").slice(1));
}

describeCluster("the rendered stack on a real API server", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startTestCluster("otel-agent", { nodes });
    await applyPrometheusOperatorCrds(cluster);
    await upOtelAgent(cluster);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  /** Everything that carries our label, of every kind that can be listed. */
  async function ours(): Promise<Live[]> {
    const kinds = await kubectl(cluster, ["api-resources", "--verbs=list", "-o", "name"]);
    const names = kinds
      .trim()
      .split("\n")
      .filter((name) => !/^events|\.metrics\./.test(name));
    const selector = "app.kubernetes.io/managed-by=deepflow-otel";
    const list = await kubectl(cluster, ["get", names.join(","), "-A", "-l", selector, "-o", "json"]);
    return (JSON.parse(list) as { items: Live[] }).items;
  }

  test("is accepted under Pod Security level restricted: every node has a pod, and the Collector in it is healthy", async () => {
    const pods = await collectorsReady(cluster, "open-telemetry", nodes);
    expect(pods.map(({ node }) => node).sort()).toEqual(["node-1", "node-2"]);
    const namespace = await kubectl(cluster, ["get", "namespace", "open-telemetry", "-o", "yaml"]);
    expect(namespace).toContain("pod-security.kubernetes.io/enforce: restricted");
  });

  test.each(Object.keys(goldenStacks))(
    "what stack %s renders is stored as it was written, so that a second `pulumi up` finds no difference",
    async (stack) => {
      const files = golden(stack);
      expect(files.size).toBeGreaterThan(1);
      for (const folder of folders(files)) {
        if (folder !== clusterFolder) await cluster.kubectl(["create", "namespace", folder]);
        // What the API server would store, after its own defaults and spelling.
        const dryRun = ["--server-side", "--force-conflicts", "--dry-run=server", "--field-manager=test"];
        const path = join(goldenFolder(stack), folder);
        if (!existsSync(path)) continue;
        const stored = JSON.parse(
          await kubectl(cluster, ["apply", ...dryRun, "-f", path, "-o", "json"]),
        ) as KubernetesObject & { items?: KubernetesObject[] };
        const found = new Map((stored.items ?? [stored]).map((object) => [identity(object), object]));
        for (const [file, content] of [...files].filter(([name]) => name.startsWith(`${folder}/`))) {
          const written = load(content) as KubernetesObject;
          expect(found.get(identity(written)), file).toMatchObject(written);
        }
      }
    },
  );

  test("applied again changes nothing, and the same pods go on", async () => {
    const versions = async () =>
      (await ours())
        .filter(({ kind }) => !["Pod", "Endpoints", "EndpointSlice"].includes(kind))
        .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`)
        .sort();
    const names = async () => (await podsIn(cluster, "open-telemetry")).map(({ uid }) => uid).sort();
    const before = { versions: await versions(), names: await names() };
    await upOtelAgent(cluster);
    expect({ versions: await versions(), names: await names() }).toEqual(before);
    expect(before.versions.length).toBeGreaterThanOrEqual(8);
  });

  test("rolls the pods when the configuration changed", async () => {
    const before = (await podsIn(cluster, "open-telemetry")).map(({ uid }) => uid);
    await applyRendered(cluster, "test", await renderOtelAgent({ resourceAttributes: { team: "shop" } }));
    await eventually("The rollout", async () => {
      const pods = (await podsIn(cluster, "open-telemetry")).filter(({ phase }) => phase !== "Terminating");
      return pods.length === nodes && pods.every(({ uid }) => !before.includes(uid)) ? true : undefined;
    });
    await collectorsReady(cluster, "open-telemetry", nodes);
  });

  test("changed to gateways and back keeps its Service, which always leads to a Collector", async () => {
    for (const [topology, kind] of [
      ["gateway", "Deployment"],
      ["agent", "DaemonSet"],
    ] as const) {
      const files = await renderSettings({ "deepflow-otel:topology": topology }, "test");
      const change = changeTopology(cluster, topology, files);
      const { uids, fewest, looks } = await observeService(cluster, change);
      expect([uids.size, fewest > 0, looks > 1], topology).toEqual([1, true, true]);
      const workloads = (await ours()).filter(({ kind }) => ["DaemonSet", "Deployment"].includes(kind));
      expect(workloads.map((workload) => workload.kind)).toEqual([kind]);
    }
    await collectorsReady(cluster, "open-telemetry", nodes);
  });

  test("moved to another namespace leaves nothing behind in the first: ApplySets prune it", async () => {
    await upOtelAgent(cluster, { namespace: "observability" });
    await kubectl(cluster, ["wait", "--for=delete", "namespace/open-telemetry", "--timeout=60s"]);
    const namespaces = new Set((await ours()).map(({ metadata }) => metadata.namespace ?? metadata.name));
    expect([...namespaces].sort()).toEqual(["deepflow-otel-observability-otel-agent", "observability"]);
  });

  test("removed leaves nothing", async () => {
    const folder = join(cluster.dir, "rendered", "test");
    await kubectl(cluster, ["delete", "-R", "-f", folder, "--wait"]);
    expect(await ours()).toEqual([]);
    await eventually("The end of the Collectors", async () =>
      (await podsIn(cluster, "observability")).length === 0 ? true : undefined,
    );
  });

  test("takes the place of the documents' manifest by the commands that the README gives", async () => {
    await applyManifests(cluster, documents);
    for (const command of readmeCommands()) await kubectl(cluster, command);
    await upOtelAgent(cluster);
    const left = await kubectl(cluster, ["get", "clusterroles,clusterrolebindings", "-o", "name"]);
    expect(left).not.toContain("otel-collector-role");
  });
});
