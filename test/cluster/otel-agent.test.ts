import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { load } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyManifests, applyRendered, kubectl } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster.ts";
import { collectorsReady, eventually, podsIn } from "../../local/pods.ts";
import { toolchain } from "../../local/toolchain/toolchain.ts";
import { golden, goldenStacks } from "../goldens/goldens.ts";
import { documents, documentsConfig } from "../e2e/documents/documents.ts";
import { describeCluster, startTestCluster } from "./harness.ts";
import { nodes, renderOtelAgent, upOtelAgent } from "./stack.ts";

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

  async function live(object: Live): Promise<unknown> {
    const namespace = object.metadata.namespace ? ["-n", object.metadata.namespace] : [];
    return JSON.parse(
      await kubectl(cluster, ["get", object.kind, object.metadata.name, ...namespace, "-o", "json"]),
    ) as unknown;
  }

  test("is accepted under Pod Security level restricted: every node has a pod, and the Collector in it is healthy", async () => {
    const pods = await collectorsReady(cluster, "open-telemetry", nodes);
    expect(pods.map(({ node }) => node).sort()).toEqual(["node-1", "node-2"]);
    const namespace = await kubectl(cluster, ["get", "namespace", "open-telemetry", "-o", "yaml"]);
    expect(namespace).toContain("pod-security.kubernetes.io/enforce: restricted");
  });

  test("is stored as it was written, so that a second `pulumi up` finds no difference", async () => {
    for (const [path, content] of await renderOtelAgent()) {
      if (path.endsWith(".yaml"))
        expect(await live(load(content) as Live), path).toMatchObject(load(content) as object);
    }
  });

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
      const pods = await podsIn(cluster, "open-telemetry");
      return pods.length === nodes && pods.every(({ uid }) => !before.includes(uid)) ? true : undefined;
    });
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

describeCluster("`otelcol validate`", () => {
  const folder = mkdtempSync(join(tmpdir(), "validate-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function validate(config: string): void {
    const file = join(folder, "config.yaml");
    writeFileSync(file, config);
    const env = { ...process.env, MY_POD_IP: "127.0.0.1", K8S_NODE_NAME: "node-1" };
    execFileSync(toolchain().otelcol, ["validate", `--config=${file}`], { env, stdio: "pipe" });
  }

  test.each(Object.keys(goldenStacks))("accepts the configuration that stack %s renders", (stack) => {
    const [, configMap = ""] =
      [...golden(stack)].find(([path]) => path.includes("configmap-otel-agent-conf")) ?? [];
    const { data } = load(configMap) as { data: Record<string, string> };
    expect(() => {
      validate(data["otel-agent-config"] ?? "");
    }).not.toThrow();
  });

  test("refuses the configuration that the documents print", () => {
    expect(() => {
      validate(documentsConfig());
    }).toThrow(/memory_ballast/);
  });
});
