import { execFile, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { dump } from "js-yaml";
import type { Program } from "../cluster/control-plane/control-plane.ts";
import { nodeAddress } from "../cluster/control-plane/network.ts";
import type { ServiceProcess } from "../cluster/control-plane/service-process.ts";
import { makeCgroup } from "./cgroups.ts";
import type { SuperviseOptions } from "./messages.ts";
import { nodeLink, nodeNetwork, podNetwork } from "./network.ts";
import {
  containerdConfig,
  containerdSocket,
  kubeletConfig,
  kubeProxyConfig,
  nodeMounts,
} from "./node-config.ts";

const run = promisify(execFile);

/** What one node is started with. */
export interface NodeOptions extends SuperviseOptions {
  /** Counted from 1. */
  readonly number: number;
  readonly kubeconfig: string;
  readonly run: (program: Program) => ServiceProcess;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

/** A node, and the process that holds its namespaces. */
export interface RealNode {
  readonly name: string;
  readonly pid: number;
}

/** Starts a node in namespaces of its own: containerd with its images, kubelet and kube-proxy. */
export async function startNode(options: NodeOptions): Promise<RealNode> {
  const { number, nodes, cgroup, programs, signal, kubeconfig } = options;
  const name = `node-${number}`;
  const dir = join(options.dir, name);
  for (const folder of ["cni", "mask"]) mkdirSync(join(dir, folder), { recursive: true });
  const pid = await newNamespaces();
  await run("sh", ["-c", nodeLink(number, pid)]);
  await run(
    ...nsenter(pid, ["sh", "-c", `${nodeNetwork(number, nodes)} && ${nodeMounts(join(dir, "mask"))}`]),
  );
  const write = (file: string, content: string) => {
    writeFileSync(join(dir, file), content);
    return join(dir, file);
  };
  const start = (program: string, args: readonly string[], title: string) => {
    const [nsenterProgram, nsenterArgs] = nsenter(pid, [program, ...args]);
    return options.run({ name: `${name}-${title}`, program: nsenterProgram, args: nsenterArgs });
  };

  write("cni/10-pods.conflist", JSON.stringify(podNetwork(number)));
  const containerd = write("containerd.toml", containerdConfig(join(dir, "cni")));
  start("containerd", ["--config", containerd], "containerd");
  const ctr = (...args: string[]) =>
    run(...nsenter(pid, ["ctr", "--address", containerdSocket, "--namespace", "k8s.io", ...args]));
  await answers(() => ctr("version"), signal);
  for (const image of options.images) await ctr("images", "import", image);

  makeCgroup(join(cgroup, name));
  const kubelet = write("kubelet.yaml", dump(kubeletConfig(join(cgroup, name))));
  start(
    programs.kubelet,
    [
      `--config=${kubelet}`,
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${name}`,
      `--node-ip=${nodeAddress(number)}`,
    ],
    "kubelet",
  );
  const kubeProxy = write("kube-proxy.yaml", dump(kubeProxyConfig(kubeconfig)));
  start(programs.kubeProxy, [`--config=${kubeProxy}`, `--hostname-override=${name}`], "kube-proxy");
  return { name, pid };
}

/** The command that runs a program in the namespaces of a node. */
export function nsenter(pid: number, command: readonly string[]): [string, string[]] {
  return ["nsenter", [`--target=${pid}`, "--net", "--mount", "--", ...command]];
}

/** Makes new namespaces, and returns the process that holds them once they are there. */
async function newNamespaces(): Promise<number> {
  const script = 'echo "$$"; exec sleep infinity';
  const child = spawn("unshare", ["--net", "--mount", "--", "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.stdout.setEncoding("utf8").once("data", (line: string) => {
    resolve(Number(line));
  });
  child.once("error", reject);
  child.once("exit", () => {
    reject(new Error("No namespaces could be made for a node: the supervisor's log says why."));
  });
  return promise;
}

/** Asks until there is an answer: nothing announces that containerd listens. */
async function answers(ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch {
      await delay(100, undefined, { signal });
    }
  }
}
