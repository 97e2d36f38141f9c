/**
 * `npm start`: the stack `dev` on an embedded cluster, and the proof that spans reach DeepFlow with the address of the
 * pod that sent them.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { Command } from "commander";
import { renderStack } from "../render/stack.ts";
import { configureAgentGroup, controllerReady, embeddedAgentGroup } from "./agent-group.ts";
import { applyManifests, applyRendered, kubectl } from "./apply.ts";
import { attachCluster, startCluster, type Cluster } from "./cluster.ts";
import { engineStack, missingEngine } from "./engine.ts";
import { onInterrupt } from "./terminal/interrupt.ts";
import { collectorsReady } from "./pods.ts";
import { runSteps, type Step } from "./terminal/progress.ts";
import { journeyTable } from "./terminal/report.ts";
import { missingRequirement } from "./toolchain/requirements.ts";
import { ensureToolchain } from "./toolchain/toolchain.ts";
import { isRight, journeys, type Journey } from "./traffic.ts";

const stack = "dev";
const nodes = 2;
const repository = join(import.meta.dirname, "..");

const { engine } = new Command("npm start --")
  .description(
    `Brings the stack ${stack} up on an embedded cluster and follows spans from pods to DeepFlow's door.`,
  )
  .option("--engine", "apply the stack with the Pulumi CLI instead of as rendered manifests", false)
  .parse()
  .opts<{ engine: boolean }>();

async function main(): Promise<boolean> {
  const missing = missingRequirement() ?? (engine ? missingEngine() : undefined);
  if (missing !== undefined) throw new Error(missing);
  await ensureToolchain();

  const running = attachCluster(stack);
  const interrupted = new AbortController();
  const release = onInterrupt((signal) => {
    interrupted.abort(new Error(`Ended by ${signal}.`));
  });
  let cluster = running;
  try {
    await runSteps([
      {
        title: running ? "Embedded cluster, already running" : "Embedded cluster",
        run: async () => {
          cluster ??= await startCluster({ name: stack, nodes, signal: interrupted.signal });
          return `Kubernetes at ${cluster.apiServer}`;
        },
      },
    ]);
    if (!cluster) throw new Error("The embedded cluster did not start.");
    return await prove(cluster, interrupted.signal);
  } catch (error) {
    // A cluster that was there before stays; one that this run began has nothing to show yet.
    if (interrupted.signal.aborted && !running) await cluster?.stop();
    throw error;
  } finally {
    release();
  }
}

async function prove(cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  let proof: Journey[] = [];
  const steps: Step[] = [
    {
      title: "What stands for DeepFlow and for applications",
      run: async () => {
        await applyManifests(cluster, join(import.meta.dirname, "deepflow", "manifests.yaml"));
        await applyManifests(cluster, join(import.meta.dirname, "sample", "manifests.yaml"));
        return "applied";
      },
    },
    {
      title: "DeepFlow's agent group",
      run: async () => {
        if (engine) {
          await controllerReady(cluster);
          return "left to the Pulumi CLI";
        }
        const [changed = "listens already"] = await configureAgentGroup(cluster);
        return changed.replace(/\.$/, "");
      },
    },
    {
      title: `Stack ${stack}, ${engine ? "by the Pulumi CLI" : "rendered and applied"}`,
      run: async (report) => {
        applyOneWayOnly(cluster);
        return engine ? await applyByEngine(cluster, report) : await applyByKubectl(cluster);
      },
    },
    {
      title: "Collectors",
      run: async () => {
        await kubectl(cluster, [
          "rollout",
          "status",
          "-n",
          "open-telemetry",
          "daemonset/otel-agent",
          "--timeout=60s",
        ]);
        return `${(await collectorsReady(cluster, "open-telemetry", nodes)).length} answer on their health endpoint`;
      },
    },
    {
      title: "Spans from pods on every node, over gRPC and HTTP",
      run: async (report) => {
        proof = await journeys(cluster, "sample-app", { report });
        const [sent, received] = [
          proof.map(({ sent }) => sent),
          proof.map(({ received }) => received.length),
        ];
        return `${sum(sent)} sent, ${sum(received)} received`;
      },
    },
  ];
  for (const step of steps) {
    signal.throwIfAborted();
    await runSteps([step]);
  }
  signal.throwIfAborted();
  return tell(proof);
}

async function applyByKubectl(cluster: Cluster): Promise<string> {
  const lines = await applyRendered(cluster, stack, await renderStack(repository, stack));
  return `${lines.length} objects`;
}

async function applyByEngine(cluster: Cluster, report: (text: string) => void): Promise<string> {
  const config = join(repository, `Pulumi.${stack}.yaml`);
  const folder = join(cluster.dir, "engine");
  const pulumi = await engineStack({ folder, stack, config, kubeconfig: cluster.kubeconfig });
  const group = JSON.stringify(embeddedAgentGroup(cluster));
  await pulumi.setConfig("deepflow-otel:agentGroup", { value: group });
  const { summary } = await pulumi.up({
    onOutput: (output) => {
      report(output.trim().split("\n").at(-1) ?? "");
    },
  });
  return Object.entries(summary.resourceChanges ?? {})
    .map(([operation, count]) => `${count} ${operation}`)
    .join(", ");
}

/** Pulumi refuses to create what kubectl already applied, and kubectl would fight with Pulumi over fields. */
function applyOneWayOnly(cluster: Cluster): void {
  const file = join(cluster.dir, "applied-by");
  const way = engine ? "the Pulumi CLI" : "kubectl";
  const before = existsSync(file) ? readFileSync(file, "utf8") : way;
  if (before !== way) {
    throw new Error(
      `The running cluster's stack was applied by ${before}; run \`npm stop\` first to apply it by ${way}.`,
    );
  }
  writeFileSync(file, way);
}

function tell(proof: readonly Journey[]): boolean {
  const right = proof.length > 0 && proof.every(isRight);
  console.log(`\n${journeyTable(proof, process.stdout.isTTY ? process.stdout.columns : undefined)}\n`);
  console.log(
    right
      ? styleText("green", "Every span arrived in DeepFlow with the address of the pod that sent it.")
      : styleText(
          "red",
          "Not every span arrived with the address of the pod that sent it; the table says which.",
        ),
  );
  console.log(
    "\nThe cluster stays up. Look at it:  npm run kubectl -- get pods -A\nTake it down:                      npm stop",
  );
  return right;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
