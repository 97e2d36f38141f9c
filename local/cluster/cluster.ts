import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callControl } from "./control-plane/control.ts";
import { kubectlEnv, runKubectl, type KubectlResult } from "./control-plane/kubectl-run.ts";
import { logTail } from "./control-plane/log-tail.ts";
import { mostNodes } from "./control-plane/network.ts";
import { missingRequirement } from "./control-plane/requirements.ts";
import type { LaunchOptions, Report } from "./supervisor/messages.ts";
import { isAlive } from "./supervisor/process-id.ts";
import { readState, sockets, startLock, stateDir, type State } from "./supervisor/state.ts";
import { endCluster, stopCluster } from "./supervisor/stop-cluster.ts";
import { withLock } from "./toolchain/lock.ts";
import { ensureToolchain } from "./toolchain/toolchain.ts";

/**
 * A running embedded cluster. Any process may hold one: it is a way to the cluster, not the cluster itself.
 */
export interface Cluster {
  name: string;
  /** The folder of its kubeconfig, logs and data. */
  dir: string;
  /** The path of a kubeconfig for use on this machine, as a cluster administrator. */
  kubeconfig: string;
  /** The path of the kubectl that belongs to it. */
  kubectlProgram: string;
  /** The API server's URL on this machine. */
  apiServer: string;
  /**
   * Where the ports of Services that `publish` names are reached on this machine. While a Service has no
   * endpoint, connections are closed.
   */
  published: Readonly<Record<string, { host: string; port: number }>>;
  /** The process that it all depends on. */
  pid: number;
  /** Asks the cluster's control server, such as `("GET", "/status")`. Throws its error sentence. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Runs kubectl against the cluster, whatever its exit status. */
  kubectl(
    args: readonly string[],
    options?: { input?: string; env?: Record<string, string> },
  ): Promise<KubectlResult>;
  /** Stops the cluster and removes its folder; does nothing where it has stopped already. */
  stop(): Promise<void>;
}

/** What a cluster is started with. */
export interface ClusterOptions {
  /** Lower-case letters, digits and dashes. */
  name: string;
  /** Where its state lives; `.local/<name>` by default. It is removed when the cluster stops. */
  dir?: string;
  /**
   * How many simulated nodes it has, `node-1` and so on; 2 by default. Ignored where the cluster already
   * runs.
   */
  nodes?: number;
  /**
   * Path of a module whose default export is a `CreatePodRuntime`: what runs for which image. Without it all
   * pods are simulated. Ignored where the cluster already runs.
   */
  podRuntime?: string;
  /**
   * Ports of Services to be reached from this machine, as `namespace/name:port`; none by default. Ignored
   * where the cluster already runs.
   */
  publish?: readonly string[];
  /**
   * Whether controllers, the scheduler and simulated nodes run, which is the default. Without them there are
   * etcd and the API server alone: nothing changes an object that somebody wrote, and no pod runs. Ignored
   * where the cluster already runs.
   */
  controllers?: boolean;
  /** Gives the start up, and leaves nothing behind. */
  signal?: AbortSignal;
  /** Whether it outlives this process, which is the default. */
  detached?: boolean;
  /**
   * Versions of the Collector that its pods may run; all that there are by default. Others are not compiled
   * for it.
   */
  collectorVersions?: readonly string[];
  /** Whether to show how far the toolchain's compilation is, where there is any to do; true by default. */
  progress?: boolean;
}

/**
 * Starts an embedded cluster and returns when it is ready: 5 to 10 s, after the toolchain was compiled once.
 * A cluster of that name that already runs is returned as it is. Throws one sentence that says what the
 * machine lacks, or which program failed, with the end of its log.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { name, dir = stateDir(name), nodes = 2, signal } = options;
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes) {
    throw new Error(`A cluster cannot have ${nodes} nodes: its addresses allow 1 to ${mostNodes}.`);
  }
  const running = attach(dir);
  if (running !== undefined) return running;
  const { collectorVersions } = options;
  const missing = missingRequirement(collectorVersions);
  if (missing !== undefined) throw new Error(missing);
  const ifSignal = signal === undefined ? {} : { signal };
  const toolchain = await ensureToolchain({
    progress: options.progress ?? true,
    collectorVersions,
    ...ifSignal,
  });
  return await withLock(startLock(dir), ifSignal, async () => {
    const started = attach(dir);
    if (started !== undefined) return started;
    refuseForeignFolder(dir);
    await endCluster(dir);
    mkdirSync(join(dir, "log"), { recursive: true, mode: 0o700 });
    const tied = options.detached === false;
    const { podRuntime, publish = [], controllers = true } = options;
    await launched(
      { name, dir, socketDir: socketDir(dir), nodes, controllers, toolchain, podRuntime, publish, tied },
      signal,
    );
    const cluster = attach(dir);
    if (cluster === undefined)
      throw new Error(`The cluster ${name} ended as soon as it was ready: see ${dir}/log.`);
    return cluster;
  });
}

/** The cluster of that name, if it runs and is ready. */
export function attachCluster(name: string): Cluster | undefined {
  return attach(stateDir(name));
}

function attach(dir: string): Cluster | undefined {
  const state = readState(dir);
  return state?.ready === true && isAlive(state.launcher) ? cluster(dir, state) : undefined;
}

function cluster(dir: string, state: State): Cluster {
  const kubeconfig = join(dir, "kubeconfig");
  return {
    name: state.name,
    dir,
    kubeconfig,
    kubectlProgram: state.toolchain.kubectl,
    apiServer: state.apiServer,
    published: state.published,
    pid: state.launcher.pid,
    control: (method, path, body) => callControl(sockets(state.socketDir).control, method, path, body),
    kubectl(args, { env, ...options } = {}) {
      return runKubectl(state.toolchain.kubectl, args, {
        ...options,
        env: { ...kubectlEnv(dir, kubeconfig), ...env },
      });
    },
    async stop() {
      // Another of the same name may have been started since.
      if (isAlive(state.launcher)) await stopCluster(dir);
    },
  };
}

/** Starts the launcher and waits for the cluster to be ready. */
async function launched(options: LaunchOptions, signal: AbortSignal | undefined): Promise<void> {
  const log = join(options.dir, "log", "supervisor.log");
  const output = openSync(log, "a", 0o600);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "supervisor", "launcher.ts"), options.name],
    {
      // Its own session, so that a terminal's Ctrl-C is left to this process to act on.
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    },
  );
  closeSync(output);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  child.on("message", (report: Report) => {
    if (report.type === "ready") resolve(undefined);
    else reject(new Error(report.message));
  });
  child.once("error", reject);
  // Only when the channel is closed, too, has every report been read.
  const exited = Promise.all([once(child, "exit"), once(child, "disconnect")]);
  void exited.then(() => {
    reject(new Error(`The cluster ${options.name} ended while it was starting. ${logTail(log)}`));
  });
  const abort = () => {
    reject(signal?.reason as Error);
    child.kill("SIGTERM");
  };
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted === true) abort();
  child.send(options);
  try {
    await promise;
  } catch (error) {
    // It ends by itself, having cleaned up.
    await exited;
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  // A tied launcher sees the channel close when this process ends, however it ends; neither keeps it from
  // ending.
  if (options.tied) child.channel?.unref();
  else child.disconnect();
  child.unref();
}

/** A socket's path has to fit into 108 bytes. */
function socketDir(dir: string): string {
  const fits = Object.values(sockets(dir)).every((socket) => socket.length < 108);
  return fits ? dir : mkdtempSync(join(tmpdir(), "deepflow-otel-"));
}

/** Everything in the folder is going to be removed. */
function refuseForeignFolder(dir: string): void {
  if (!existsSync(dir)) return;
  const entries = readdirSync(dir);
  if (entries.length > 0 && !entries.includes("log")) {
    throw new Error(
      `The folder ${dir} holds other files (${entries[0] ?? ""}): give the cluster a folder of its own.`,
    );
  }
}
