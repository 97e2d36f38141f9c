/**
 * Process 1 of the cluster's namespaces: it starts everything that runs in them, and everything ends with it.
 * The launcher starts it, and tells it over the IPC channel what to do.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { apiServerReady } from "../control-plane/api-ready.ts";
import {
  controllers,
  apiServerInside,
  apiServerName,
  etcdAndApiServer,
  kwok,
  type Program,
} from "../control-plane/control-plane.ts";
import { serveControl, type Routes } from "../control-plane/control.ts";
import { createCredentials, writeKubeconfig, type Credentials } from "../control-plane/credentials.ts";
import { kubectlEnv, mustKubectl } from "../control-plane/kubectl-run.ts";
import { logTail } from "../control-plane/log-tail.ts";
import { apiServerAddress, networkScript } from "../control-plane/network.ts";
import { nodeList } from "../control-plane/nodes.ts";
import { startService, type ServiceProcess } from "../control-plane/service-process.ts";
import type { CreatePodRuntime, PodRuntime } from "../node/image-programs.ts";
import { writeStages } from "../node/kwok-stages.ts";
import { errorMessage } from "../terminal/error-message.ts";
import { searchPath } from "../toolchain/search-path.ts";
import { stopMessage, type Report, type SuperviseOptions } from "./messages.ts";
import { startRelay } from "./relay.ts";
import { publishedSocket, sockets } from "./state.ts";
import { tell } from "./tell.ts";

/** How long the control plane may take to start. */
const startTimeoutMs = 60_000;

/** How long each service may take to stop. */
const stopTimeoutMs = 2_000;

const services = new Map<string, ServiceProcess>();
/** What to stop, in the order in which it was started. */
const started: { stop(): Promise<void> }[] = [];

async function start(options: SuperviseOptions): Promise<void> {
  const { dir, toolchain } = options;
  process.env["PATH"] = searchPath();
  execFileSync("sh", ["-c", networkScript], { stdio: "inherit" });
  const routes: Routes = { "GET /status": () => Promise.resolve(status(options)) };
  const { api, control } = sockets(options.socketDir);
  await serveControl(control, routes);

  const credentials = createCredentials(dir);
  const late = AbortSignal.timeout(startTimeoutMs);
  run(dir, etcdAndApiServer(dir, toolchain, credentials));
  // Loading takes most of a second, which is better spent while the API server starts.
  const [{ startNodeServices }, { KubeConfig }, podRuntime] = await Promise.all([
    import("./node-services.ts"),
    import("@kubernetes/client-node"),
    loadPodRuntime(options),
    step("kube-apiserver", late, apiServerReady(credentials.certificateAuthority, late)),
  ]);
  await startRelay({ path: api }, { host: apiServerAddress, port: 443 });
  const kubeconfig = writeKubeconfigs(options, credentials);
  if (!options.controllers) return;

  const stages = writeStages(toolchain.kwokStages, podRuntime.programs, join(dir, "stages"));
  run(dir, [...controllers(toolchain, credentials, kubeconfig), kwok(toolchain, kubeconfig, stages)]);
  const kubectl = (args: string[], input = "") =>
    mustKubectl(toolchain.kubectl, args, { env: kubectlEnv(dir, kubeconfig), input, signal: late });
  const nodes = JSON.stringify(nodeList(options.nodes, toolchain.kubernetesVersion));
  await step("kube-apiserver", late, kubectl(["create", "-f", "-"], nodes));
  await Promise.all([
    step("kwok", late, kubectl(["wait", "--for=condition=Ready", "nodes", "--all", "--timeout=-1s"])),
    step(
      "kube-controller-manager",
      late,
      kubectl(["wait", "--for=create", "serviceaccount/default", "--timeout=-1s"]),
    ),
  ]);

  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const running = await orDeath(startNodeServices({ kubeConfig, dir, podRuntime, log }));
  started.push(running);
  Object.assign(routes, running.routes);
  for (const [index, service] of options.publish.entries())
    await startRelay({ path: publishedSocket(options.socketDir, index) }, () =>
      running.serviceAddress(service),
    );
}

async function loadPodRuntime({ podRuntime, toolchain }: SuperviseOptions): Promise<PodRuntime> {
  if (podRuntime === undefined) return { programs: {} };
  const module = (await import(pathToFileURL(podRuntime).href)) as { default: CreatePodRuntime };
  return module.default(toolchain);
}

function run(dir: string, programs: readonly Program[]): void {
  for (const { name, program, args } of programs) {
    const service = startService(name, dir, program, args);
    services.set(name, service);
    started.push(service);
  }
}

/**
 * Waits for one step of the start; where it takes too long, tells what the program said that it depends on.
 */
async function step(name: string, late: AbortSignal, work: Promise<unknown>): Promise<void> {
  try {
    await orDeath(work);
  } catch (error) {
    if (!late.aborted) throw error;
    const log = services.get(name)?.log ?? "";
    const sentence = `The embedded cluster was not ready within ${startTimeoutMs / 1000} s, waiting for ${name}.`;
    throw new Error(`${sentence} ${logTail(log)}`, { cause: error });
  }
}

/** The promise's value, unless a program ends first. */
function orDeath<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([promise, ...Array.from(services.values(), (service) => service.died)]);
}

/** Writes the one for outside, and the one for inside, whose path it returns. */
function writeKubeconfigs({ dir, apiPort }: SuperviseOptions, credentials: Credentials): string {
  const certificateAuthority = readFileSync(credentials.certificateAuthority, "utf8");
  const access = { certificateAuthority, token: credentials.adminToken };
  const inside = join(dir, "kubeconfig-inside");
  writeKubeconfig(inside, { ...access, server: apiServerInside });
  const server = `https://127.0.0.1:${apiPort}`;
  writeKubeconfig(join(dir, "kubeconfig"), { ...access, server, tlsServerName: apiServerName });
  return inside;
}

function status({ name, nodes, toolchain }: SuperviseOptions): object {
  const { kubernetesVersion } = toolchain;
  const collectorVersions = Object.keys(toolchain.otelcols);
  const processes = Array.from(services.values(), ({ name, pid, log }) => ({ name, pid, log }));
  return { name, nodes, kubernetesVersion, collectorVersions, processes };
}

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

/**
 * Stops everything, the last started first, and ends; what takes longer than `stopTimeoutMs` ends with this
 * process.
 */
async function end(exitCode: number): Promise<never> {
  for (const service of started.splice(0).reverse()) {
    const stopped = service.stop().catch((error: unknown) => {
      log(`could not stop in order: ${String(error)}`);
    });
    await Promise.race([stopped, setTimeout(stopTimeoutMs)]);
  }
  process.exit(exitCode);
}

async function supervise(options: SuperviseOptions): Promise<void> {
  try {
    const begun = Date.now();
    await start(options);
    log(`ready after ${Date.now() - begun} ms`);
    await tell({ type: "ready" } satisfies Report);
    await orDeath(new Promise<never>(() => undefined));
  } catch (error) {
    const message = errorMessage(error);
    log(message);
    await tell({ type: "failed", message } satisfies Report);
    await end(1);
  }
}

process.on("message", (message) => {
  if (message === stopMessage) void end(0);
  else void supervise(message as SuperviseOptions);
});
// The launcher is gone, and with it whoever could ask for an orderly end.
process.on("disconnect", () => process.exit(1));
