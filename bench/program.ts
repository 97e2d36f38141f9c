import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { applyRendered } from "../local/apply.ts";
import { startCluster } from "../local/cluster/cluster.ts";
import { kubectl } from "../local/cluster/kubectl.ts";
import { clusterOptions } from "../local/embedded-cluster.ts";
import { engineStack, missingEngine } from "../local/engine.ts";
import { renderSettings } from "../render/stack.ts";

/** The Collectors and both demos, as one stack. */
const settings = { "deepflow-otel:springBootWebShop": {}, "deepflow-otel:otelWebStore": {} };

/** What is timed of a program, in order. */
export const operations = [
  "preview",
  "up",
  "up that changes nothing",
  "preview of no change",
  "destroy",
] as const;

/** Seconds of each round, by operation. */
type Seconds = Partial<Record<(typeof operations)[number], number[]>>;

export interface ProgramResult {
  readonly rounds: number;
  /** An empty program, one of as many small resources, this one, and kubectl. */
  readonly seconds: Readonly<Record<"empty" | "small" | "ours" | "kubectl", Seconds>>;
}

const imports = `import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";
import "@pulumi/command";
`;

/** 102 resources with the stack and the provider, as ours are 104: what the engine takes for so many. */
const smallResources = `
class Group extends pulumi.ComponentResource {
  constructor(name, opts) {
    super("bench:index:Group", name, {}, opts);
    for (const key of ["a", "b", "c", "d"]) {
      const metadata = { name: \`\${name}-\${key}\`, namespace: "default" };
      new k8s.core.v1.ConfigMap(metadata.name, { metadata, data: { key } }, { parent: this });
    }
    this.registerOutputs({});
  }
}
const provider = new k8s.Provider("kubernetes", {});
for (let group = 0; group < 20; group += 1) new Group(\`group-\${group}\`, { provider });
`;

/** A program beside ours. */
function writeProgram(folder: string, name: string, code: string): string {
  mkdirSync(folder, { recursive: true });
  const runtime = { name: "nodejs", options: { typescript: false } };
  writeFileSync(join(folder, "Pulumi.yaml"), dump({ name, runtime, main: "index.ts" }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module" }));
  writeFileSync(join(folder, "index.ts"), code);
  return folder;
}

async function timed(
  into: Seconds,
  name: (typeof operations)[number],
  work: () => Promise<unknown>,
): Promise<void> {
  const begun = performance.now();
  await work();
  (into[name] ??= []).push((performance.now() - begun) / 1000);
}

/**
 * How long the program takes under the real engine against the embedded cluster, beside an empty program with
 * the same imports, beside one with as many resources that are as small as can be, and beside kubectl.
 *
 * @throws Error, what is missing, where there is no engine.
 */
export async function measureProgram(
  rounds: number,
  onProgress: (text: string) => void,
): Promise<ProgramResult> {
  const missing = missingEngine();
  if (missing !== undefined) throw new Error(missing);

  const cluster = await startCluster({ ...clusterOptions, name: "bench-program", nodes: 2, detached: false });
  try {
    const config = join(cluster.dir, "bench.yaml");
    writeFileSync(config, dump({ config: settings }));
    const none = join(cluster.dir, "none.yaml");
    writeFileSync(none, "config: {}\n");
    const { kubeconfig } = cluster;
    const other = (name: "empty" | "small", code: string) =>
      engineStack({
        folder: join(cluster.dir, name),
        stack: "b",
        config: none,
        kubeconfig,
        program: writeProgram(join(cluster.dir, `${name}-program`), name, code),
      });
    const stacks = {
      empty: await other("empty", imports),
      small: await other("small", imports + smallResources),
      ours: await engineStack({ folder: join(cluster.dir, "ours"), stack: "b", config, kubeconfig }),
    };
    const results: Record<keyof ProgramResult["seconds"], Seconds> = {
      empty: {},
      small: {},
      ours: {},
      kubectl: {},
    };
    const texts = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)]),
    );

    for (let round = 1; round <= rounds; round += 1) {
      for (const [name, stack] of Object.entries(stacks) as [keyof typeof stacks, typeof stacks.ours][]) {
        onProgress(`round ${round} of ${rounds}: ${name}`);
        const into = results[name];
        await timed(into, "preview", () => stack.preview());
        await timed(into, "up", () => stack.up());
        await timed(into, "up that changes nothing", () => stack.up());
        await timed(into, "preview of no change", () => stack.preview());
        await timed(into, "destroy", () => stack.destroy());
      }
      onProgress(`round ${round} of ${rounds}: kubectl`);
      const files = await renderSettings(texts, "kubectl");
      const workloads = ["deployments", "statefulsets", "daemonsets"];
      await timed(results.kubectl, "up", async () => {
        await applyRendered(cluster, "kubectl", files);
        const listed = await kubectl(cluster, [
          "get",
          workloads.join(","),
          "-A",
          "-o",
          "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.namespace}{'\\n'}{end}",
        ]);
        for (const line of listed.trim().split("\n")) {
          const [workload = "", namespace = ""] = line.split(" ");
          await kubectl(cluster, ["rollout", "status", "-n", namespace, workload, "--timeout=120s"]);
        }
      });
      const namespaces = ["open-telemetry", "deepflow-otel-spring-demo", "deepflow-otel-grpc-demo"];
      await timed(results.kubectl, "destroy", () => kubectl(cluster, ["delete", "namespace", ...namespaces]));
      await kubectl(cluster, [
        "delete",
        "clusterrole,clusterrolebinding",
        "deepflow-otel-open-telemetry-otel-agent",
      ]);
    }

    return { rounds, seconds: results };
  } finally {
    await cluster.stop();
  }
}
