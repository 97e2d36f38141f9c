import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import { kubectlEnv, runKubectl } from "../cluster/control-plane/kubectl-run.ts";
import { logTail } from "../cluster/control-plane/log-tail.ts";
import { ensureNodePrograms, ensureToolchain } from "../cluster/toolchain/toolchain.ts";
import { cgroupName, removeStaleCgroups } from "./cgroups.ts";
import { writeImage, type ProgramImage } from "./image.ts";
import type { Report, SuperviseOptions } from "./messages.ts";
import { mostNodes } from "./network.ts";
import { initPidFile, pauseImage } from "./node-config.ts";
import { nsenter } from "./node.ts";
import { missingNodeRequirement } from "./requirements.ts";

/** A cluster whose nodes are real: kubelet, containerd, runc and kube-proxy. It ends with this process. */
export interface NodeCluster extends Pick<Cluster, "dir" | "kubectl"> {
  /** A command, as argv, that runs in the control plane's network namespace, which reaches all pods. */
  inControlPlane(command: readonly string[]): string[];
  /** A command, as argv, that runs in a node's network and mount namespaces. */
  inNode(node: string, command: readonly string[]): string[];
  /** A command, as argv, that runs with a pod's network and the node's files. */
  inPod(pod: { readonly node: string; readonly container: string }, command: readonly string[]): string[];
  /** Ends every process, and removes all that there was. */
  stop(): Promise<void>;
}

/** What a cluster with real nodes is started with. */
export interface NodeClusterOptions {
  /** How many nodes it has, `node-1` and so on. */
  readonly nodes: number;
  /** Images that pods run. There is no registry: pods of other images do not start. */
  readonly images: readonly ProgramImage[];
  /** Versions of the Collector that have to be built. */
  readonly collectorVersions?: readonly string[];
}

/**
 * Starts a cluster of real nodes, in namespaces and cgroups of its own, and returns when all are ready: some
 * 20 s.
 *
 * @throws Error, a sentence that says what the machine lacks, or which program failed.
 */
export async function startNodeCluster({
  nodes,
  images,
  collectorVersions,
}: NodeClusterOptions): Promise<NodeCluster> {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes) {
    throw new Error(`A cluster cannot have ${nodes} nodes: its addresses allow 1 to ${mostNodes}.`);
  }
  const missing = missingNodeRequirement();
  if (missing !== undefined) throw new Error(missing);
  const toolchain = await ensureToolchain({ collectorVersions });
  const programs = await ensureNodePrograms();
  await removeStaleCgroups();
  const dir = mkdtempSync(join(tmpdir(), "deepflow-otel-nodes-"));
  try {
    mkdirSync(join(dir, "log"));
    const pause = { reference: pauseImage, file: programs.pause, path: "/pause", args: [], user: 65535 };
    const archives = [pause, ...images].map((image, index) => {
      const archive = join(dir, `image-${index}.tar`);
      writeImage(archive, image);
      return archive;
    });
    return await launched({ dir, nodes, toolchain, programs, images: archives });
  } catch (error) {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

async function launched(options: Omit<SuperviseOptions, "cgroup">): Promise<NodeCluster> {
  const { dir } = options;
  const log = join(dir, "log", "supervisor.log");
  const output = openSync(log, "a", 0o600);
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const supervisor = join(import.meta.dirname, "supervisor.ts");
  const child = spawn("unshare", [...namespaces, "--", process.execPath, supervisor], {
    // Its own session, so that a terminal's Ctrl-C is left to this process to act on.
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  const exited = once(child, "exit");
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, number>>>();
  child.once("message", (report: Report) => {
    if (report.type === "ready") resolve(report.nodes);
    else reject(new Error(report.message));
  });
  child.once("error", reject);
  void exited.then(() => {
    reject(new Error(`The cluster ended while it was starting. ${logTail(log)}`));
  });
  child.send({ ...options, cgroup: cgroupName(child.pid ?? 0) } satisfies SuperviseOptions);
  let nodes: Readonly<Record<string, number>>;
  try {
    nodes = await promise;
  } catch (error) {
    await exited;
    throw error;
  }
  return cluster(options, child.pid ?? 0, nodes, async () => {
    // It ends everything as soon as the channel is closed, and removes the folder.
    if (child.connected) child.disconnect();
    await exited;
  });
}

function cluster(
  { dir, toolchain }: Pick<SuperviseOptions, "dir" | "toolchain">,
  pid: number,
  nodes: Readonly<Record<string, number>>,
  stop: () => Promise<void>,
): NodeCluster {
  const namespaces = ["net", "mount=mnt", "pid=pid_for_children"].map((each) => {
    const [option = "", file = option] = each.split("=");
    return `--${option}=/proc/${pid}/ns/${file}`;
  });
  const inControlPlane = (command: readonly string[]) => ["nsenter", ...namespaces, "--", ...command];
  const inNode = (node: string, command: readonly string[]) => {
    const holder = nodes[node];
    if (holder === undefined)
      throw new Error(`There is no node ${node}: there are ${Object.keys(nodes).join(", ")}.`);
    return inControlPlane(nsenter(holder, command).flat());
  };
  return {
    dir,
    inControlPlane,
    inNode,
    inPod({ node, container }, command) {
      const enter = 'pid=$(cat "$1") && shift && exec nsenter --target="$pid" --net -- "$@"';
      return inNode(node, ["sh", "-c", enter, "sh", initPidFile(container), ...command]);
    },
    kubectl(args, { env, ...options } = {}) {
      const [program = "", ...rest] = inControlPlane([toolchain.kubectl, ...args]);
      return runKubectl(program, rest, {
        ...options,
        env: { ...kubectlEnv(dir, join(dir, "kubeconfig")), ...env },
      });
    },
    stop,
  };
}
