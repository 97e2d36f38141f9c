/**
 * `npm start`: the stacks `dev` and `demo` on an embedded cluster, the demos replayed, and a page of what
 * reached DeepFlow.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { demoOutputs } from "../components/demo/resolve.ts";
import { renderStack, stackIn } from "../render/stack.ts";
import { demosOf, type Stack } from "../stack.ts";
import { isRight } from "../verify/ladder.ts";
import { ladderReport } from "../verify/report/terminal-report.ts";
import { configureAgentGroup, controllerReady, embeddedAgentGroup } from "./agent-group.ts";
import { applyRendered } from "./apply.ts";
import { attachCluster, startCluster, type Cluster } from "./cluster/cluster.ts";
import { missingRequirement } from "./cluster/control-plane/requirements.ts";
import { applyManifests, kubectl } from "./cluster/kubectl.ts";
import { errorMessage } from "./cluster/terminal/error-message.ts";
import { onInterrupt } from "./cluster/terminal/interrupt.ts";
import { runSteps, type Step } from "./cluster/terminal/progress.ts";
import { ensureToolchain } from "./cluster/toolchain/toolchain.ts";
import { collectorVersionOf } from "./collector-image.ts";
import { collectorsReady } from "./collectors.ts";
import { clusterOptions, controllerAddress } from "./embedded-cluster.ts";
import { engineStack, missingEngine } from "./engine.ts";
import { replayAll } from "./replay/replay-all.ts";
import type { Replay } from "./replay/replay.ts";
import { demoReport } from "./report/demo-report.ts";
import { page } from "./report/page.ts";
import { replayReport } from "./report/terminal-report.ts";
import { embeddedNote, verifyEmbedded } from "./verify.ts";

/** The base first: the other has its Collectors from it. */
const base = "dev";
const demoStack = "demo";
const stacks = [base, demoStack] as const;
const nodes = 2;
const repository = join(import.meta.dirname, "..");
/** Beside the cluster's own folder, which goes with it. */
const reportFile = join(repository, ".local", "what-reached-deepflow.html");

const { engine } = new Command("npm start --")
  .description(
    `Brings the stacks ${stacks.join(" and ")} up on an embedded cluster, replays the demos, and shows what reached DeepFlow.`,
  )
  .option("--engine", "apply the stacks with the Pulumi CLI instead of as rendered manifests", false)
  .parse()
  .opts<{ engine: boolean }>();

async function main(): Promise<boolean> {
  const deployed = stackIn(repository, base);
  const collectorVersions = [collectorVersionOf(deployed)];
  const missing = missingRequirement(collectorVersions) ?? (engine ? missingEngine() : undefined);
  if (missing !== undefined) throw new Error(missing);
  await ensureToolchain({ collectorVersions });

  const running = attachCluster(base);
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
          cluster ??= await startCluster({
            ...clusterOptions,
            name: base,
            nodes,
            collectorVersions,
            signal: interrupted.signal,
          });
          return `Kubernetes at ${cluster.apiServer}`;
        },
      },
    ]);
    if (!cluster) throw new Error("The embedded cluster did not start.");
    return await prove(cluster, deployed, interrupted.signal);
  } catch (error) {
    // A cluster that was there before stays; one that this run began has nothing to show yet.
    if (interrupted.signal.aborted && !running) await cluster?.stop();
    throw error;
  } finally {
    release();
  }
}

async function prove(cluster: Cluster, deployed: Stack, signal: AbortSignal): Promise<boolean> {
  const demos = demosOf(stackIn(repository, demoStack));
  if (demos.length === 0)
    throw new Error(
      `The stack ${demoStack} has no demo to replay; add deepflow-otel:springBootWebShop: {} to Pulumi.${demoStack}.yaml.`,
    );
  const dashboards = demos.map((stackDemo) => demoOutputs(stackDemo.demo, stackDemo).dashboard);
  const startedAt = Date.now();
  let replays: readonly Replay[] = [];
  const verified: Awaited<ReturnType<typeof verifyEmbedded>>[] = [];
  const steps: Step[] = [
    {
      title: "What stands for DeepFlow",
      run: async () => {
        await applyManifests(cluster, join(import.meta.dirname, "deepflow", "manifests.yaml"));
        return "applied";
      },
    },
    {
      title: "DeepFlow's agent group",
      run: async () => {
        if (engine) {
          await controllerReady(controllerAddress(cluster));
          return "left to the Pulumi CLI";
        }
        const [changed = "listens already"] = await configureAgentGroup(cluster);
        return changed.replace(/\.$/, "");
      },
    },
    ...stacks.map((stack) => ({
      title: `Stack ${stack}, ${engine ? "by the Pulumi CLI" : "rendered and applied"}`,
      run: async (report: (text: string) => void) => {
        applyOneWayOnly(cluster);
        return engine
          ? await applyByEngine(cluster, stack, report, signal)
          : await applyByKubectl(cluster, stack);
      },
    })),
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
      title: "Requests through the demos, a real OpenTelemetry SDK in every pod",
      run: async (report) => {
        const options = { report, signal };
        replays = await replayAll(
          cluster,
          demos.map(({ demo }) => demo),
          options,
        );
        const services = replays.flatMap((replayed) => replayed.services);
        return `${sum(services.map(({ sent }) => sent))} spans sent, ${sum(services.map(({ received }) => received))} received`;
      },
    },
    ...stacks.map((stack) => ({
      title: `What DeepFlow says (npm run verify -- --stack ${stack})`,
      run: async (report: (text: string) => void) => {
        const windowSeconds = Math.ceil((Date.now() - startedAt) / 1000);
        const found = await verifyEmbedded(cluster, {
          name: stack,
          stack: stackIn(repository, stack),
          windowSeconds,
          report,
          signal,
        });
        verified.push(found);
        return isRight(found.steps) ? "every step is right" : "not every step is right";
      },
    })),
  ];
  for (const step of steps) {
    signal.throwIfAborted();
    await runSteps([step]);
  }
  signal.throwIfAborted();
  const demoReports = replays.map((replayed, index) => demoReport(replayed, dashboards[index] ?? ""));
  const collectors = `Collectors ${collectorVersionOf(deployed)} on ${nodes} nodes`;
  writeFileSync(reportFile, page(demoReports, { stack: demoStack, collectors, generatedAt: new Date() }));
  console.log(`\n${replayReport(replays, process.stdout.isTTY ? process.stdout.columns : undefined)}`);
  verified.forEach(({ steps: ladder }, index) => {
    console.log(`\nWhat DeepFlow says of the stack ${stacks[index]}:\n${ladderReport(ladder)}`);
  });
  console.log(embeddedNote);
  console.log(
    [
      `\nThe report:                        ${pathToFileURL(reportFile).href}`,
      `What DeepFlow says, as a page:     ${pathToFileURL(verified.at(-1)?.page ?? "").href}`,
      "The cluster stays up. Look at it:  npm run kubectl -- get pods -A",
      "Take it down:                      npm stop",
    ].join("\n"),
  );
  return (
    replays.every(({ problems }) => problems.length === 0) &&
    verified.every(({ steps: ladder }) => isRight(ladder))
  );
}

async function applyByKubectl(cluster: Cluster, stack: string): Promise<string> {
  const lines = await applyRendered(cluster, stack, await renderStack(repository, stack));
  return `${lines.length} objects`;
}

async function applyByEngine(
  cluster: Cluster,
  stack: string,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const config = join(repository, `Pulumi.${stack}.yaml`);
  const folder = join(cluster.dir, "engine");
  const pulumi = await engineStack({ folder, stack, config, kubeconfig: cluster.kubeconfig });
  if (stack === base) {
    const group = JSON.stringify(embeddedAgentGroup(cluster));
    await pulumi.setConfig("deepflow-otel:agentGroup", { value: group });
  }
  let done = 0;
  const { summary } = await pulumi.up({
    signal,
    onEvent: ({ resOutputsEvent }) => {
      const [, name] = /::([^:]+)$/.exec(resOutputsEvent?.metadata.urn ?? "") ?? [];
      if (name !== undefined) report(`${(done += 1)} resources done, the last ${name}`);
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`\n${errorMessage(error)}`);
  process.exitCode = 1;
}
