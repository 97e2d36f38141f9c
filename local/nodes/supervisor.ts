/**
 * Process 1 of the cluster's namespaces: it starts everything that runs in them, and everything ends with it.
 * It ends when the process that started it ends or closes its IPC channel.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { apiServerReady } from "../cluster/control-plane/api-ready.ts";
import {
  apiServerInside,
  controllers,
  etcdAndApiServer,
  type Program,
} from "../cluster/control-plane/control-plane.ts";
import { createCredentials, writeKubeconfig } from "../cluster/control-plane/credentials.ts";
import { kubectlEnv, mustKubectl } from "../cluster/control-plane/kubectl-run.ts";
import { logTail } from "../cluster/control-plane/log-tail.ts";
import { startService, type ServiceProcess } from "../cluster/control-plane/service-process.ts";
import { tell } from "../cluster/supervisor/tell.ts";
import { errorMessage } from "../cluster/terminal/error-message.ts";
import { searchPath } from "../cluster/toolchain/search-path.ts";
import { removeCgroup } from "./cgroups.ts";
import { startClusterDns } from "./cluster-dns.ts";
import type { Report, SuperviseOptions } from "./messages.ts";
import { controlPlaneAddress, controlPlaneNetwork } from "./network.ts";
import { startNode } from "./node.ts";

/** How long the start may take, in milliseconds. */
const startTimeoutMs = 120_000;

const services: ServiceProcess[] = [];
/** What outlives this process unless it is removed. */
const left = { cgroup: "", dir: "" };

async function start(options: SuperviseOptions): Promise<Readonly<Record<string, number>>> {
  const { dir, toolchain } = options;
  process.env["PATH"] = searchPath();
  execFileSync("sh", ["-c", controlPlaneNetwork]);
  const late = AbortSignal.timeout(startTimeoutMs);
  const credentials = createCredentials(dir);
  const run = ({ name, program, args }: Program) => {
    const service = startService(name, dir, program, args);
    services.push(service);
    return service;
  };
  // Pods reach the API server by its Service, which leads to this address.
  const reachable = [
    "--bind-address=0.0.0.0",
    `--advertise-address=${controlPlaneAddress}`,
    "--endpoint-reconciler-type=lease",
  ];
  for (const program of etcdAndApiServer(dir, toolchain, credentials, reachable)) run(program);
  await orDeath(apiServerReady(credentials.certificateAuthority, late));
  const kubeconfig = join(dir, "kubeconfig");
  const certificateAuthority = readFileSync(credentials.certificateAuthority, "utf8");
  writeKubeconfig(kubeconfig, {
    server: apiServerInside,
    certificateAuthority,
    token: credentials.adminToken,
  });
  for (const program of controllers(toolchain, credentials, kubeconfig)) run(program);
  const numbers = Array.from({ length: options.nodes }, (_, index) => index + 1);
  const nodes = await orDeath(
    Promise.all(numbers.map((number) => startNode({ ...options, number, kubeconfig, run, signal: late }))),
  );
  await orDeath(startClusterDns(dir, kubeconfig, run));
  const kubectl = (...args: string[]) =>
    mustKubectl(toolchain.kubectl, args, { env: kubectlEnv(dir, kubeconfig), signal: late });
  await orDeath(kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=-1s"));
  for (const { name } of nodes) {
    await orDeath(kubectl("wait", "--for=create", `node/${name}`, "--timeout=-1s"));
    await orDeath(kubectl("wait", "--for=condition=Ready", `node/${name}`, "--timeout=-1s"));
  }
  return Object.fromEntries(nodes.map(({ name, pid }) => [name, pid]));
}

/** The promise's value, unless a program ends first. */
function orDeath<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([promise, ...services.map((service) => service.died)]);
}

/** Ends every process of the namespaces, and takes away what would outlive them. */
async function end(exitCode: number): Promise<never> {
  const others = () => readdirSync("/proc").some((name) => /^\d+$/.test(name) && name !== "1" && runs(name));
  for (let attempt = 0; others() && attempt < 50; attempt++) {
    process.kill(-1, "SIGKILL");
    await delay(50);
  }
  if (left.cgroup !== "") await removeCgroup(left.cgroup);
  if (left.dir !== "") rmSync(left.dir, { recursive: true, force: true, maxRetries: 5 });
  process.exit(exitCode);
}

/** Whether a process has not ended yet; this one does not look after those whose parents have ended. */
function runs(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function supervise(options: SuperviseOptions): Promise<void> {
  try {
    Object.assign(left, { cgroup: options.cgroup, dir: options.dir });
    const nodes = await start(options);
    await tell({ type: "ready", nodes } satisfies Report);
    await orDeath(new Promise<never>(() => undefined));
  } catch (error) {
    const slowest = services.at(-1);
    const tail =
      error instanceof Error && error.name === "TimeoutError" && slowest ? logTail(slowest.log) : "";
    const message = `${errorMessage(error)} ${tail}`.trim();
    console.error(message);
    await tell({ type: "failed", message } satisfies Report);
    await end(1);
  }
}

process.once("message", (options: SuperviseOptions) => void supervise(options));
process.on("disconnect", () => void end(0));
