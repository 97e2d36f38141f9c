/**
 * `node bench/program.ts`: how long the program takes under the real engine against the embedded cluster,
 * beside an empty program with the same imports, beside one with as many resources that are as small as can
 * be, and beside kubectl. Needs the Pulumi CLI and a quiet machine.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { dump } from "js-yaml";
import { applyRendered } from "../local/apply.ts";
import { startCluster } from "../local/cluster/cluster.ts";
import { kubectl } from "../local/cluster/kubectl.ts";
import { clusterOptions } from "../local/embedded-cluster.ts";
import { engineStack, missingEngine } from "../local/engine.ts";
import { renderSettings } from "../render/stack.ts";

/** Odd, so that a median is one of them. */
const rounds = 3;

/** The Collectors and both demos, as one stack. */
const settings = { "deepflow-otel:springBootWebShop": {}, "deepflow-otel:otelWebStore": {} };

const operations = ["preview", "up", "up that changes nothing", "preview of no change", "destroy"] as const;

type Seconds = Record<string, number[]>;

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

async function timed(into: Seconds, name: string, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await work();
  (into[name] ??= []).push((performance.now() - begun) / 1000);
}

function median(values: readonly number[] = []): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

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
  const results: Record<keyof typeof stacks | "kubectl", Seconds> = {
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
      console.error(`round ${round} of ${rounds}: ${name}`);
      const into = results[name];
      await timed(into, "preview", () => stack.preview());
      await timed(into, "up", () => stack.up());
      await timed(into, "up that changes nothing", () => stack.up());
      await timed(into, "preview of no change", () => stack.preview());
      await timed(into, "destroy", () => stack.destroy());
    }
    console.error(`round ${round} of ${rounds}: kubectl`);
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

  const table = new Table({
    head: ["Seconds, median", "empty program", "as many small resources", "ours", "kubectl"],
    style: { head: [], border: [] },
  });
  for (const operation of operations) {
    const cell = (seconds: Seconds) => {
      const value = median(seconds[operation]);
      return Number.isNaN(value) ? "" : value.toFixed(1);
    };
    table.push([operation, ...Object.values(results).map(cell)]);
  }
  console.error(table.toString());
  const [cpu] = cpus();
  console.log(
    JSON.stringify({ machine: { cpu: cpu?.model, cores: cpus().length }, rounds, seconds: results }, null, 2),
  );
} finally {
  await cluster.stop();
}
