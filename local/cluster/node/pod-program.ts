import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join, relative, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type { HostsFiles } from "./hosts.ts";
import { podNamed } from "./node-view.ts";
import type { NodeView, PodName } from "./node-view.ts";
import { environmentOf } from "./pod-env.ts";
import { containersOf, fetchPodObjects } from "./pod-objects.ts";

/** A program of this repository that is to speak as a process of a pod. */
export interface ProgramRequest extends PodName {
  /** The container whose environment it gets; the pod's first if left out. */
  container?: string;
  /** Path of a .ts file, relative to the repository. */
  program: string;
  /** Variables over those of the container. */
  env?: Record<string, string>;
  /** Written to its standard input as JSON. */
  input?: unknown;
}

export interface ProgramResult {
  /** 128 + n after signal n. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

const repository = resolve(import.meta.dirname, "..", "..", "..");

/** Variables that steer the loading of code from the image, which is not there. */
const imageVariables = ["NODE_OPTIONS", "NODE_PATH", "LD_PRELOAD", "LD_LIBRARY_PATH"];

/** Runs programs as processes of pods. */
export interface PodPrograms {
  run: (request: ProgramRequest) => Promise<ProgramResult>;
  /** Ends what still runs. */
  stop: () => Promise<void>;
}

/** @param dir The cluster's folder. */
export function podPrograms(view: NodeView, hosts: HostsFiles, dir: string): PodPrograms {
  const children = new Set<ChildProcess>();
  const hostsFolder = join(dir, "hosts");

  const run = async (request: ProgramRequest): Promise<ProgramResult> => {
    const { namespace, input } = request;
    const program = programPath(request.program);
    const pod = podNamed(view, request);
    const container = containersOf(pod).find(({ name }) => name === (request.container ?? name));
    if (container === undefined) {
      throw new Error(`Pod ${namespace}/${request.pod} has no container ${request.container ?? ""}.`);
    }
    const environment = environmentOf(pod, container, await fetchPodObjects(view.api, pod));
    await mkdir(hostsFolder, { recursive: true });
    const hostsPath = join(hostsFolder, randomUUID());
    const hostname = environment["HOSTNAME"] ?? "";
    await hosts.keep(hostsPath, namespace, { address: pod.status?.podIP ?? "", name: hostname });

    const preload = pathToFileURL(join(import.meta.dirname, "pod-network.ts")).href;
    const child = spawn(
      "unshare",
      // A host name of its own, as every pod has.
      ["--uts", "--", "sh", "-c", 'hostname "$1"; shift; exec "$@"', "sh", hostname].concat(
        process.execPath,
        "--import",
        preload,
        program,
      ),
      {
        cwd: repository,
        env: {
          ...Object.fromEntries(
            Object.entries(environment).filter(([name]) => !imageVariables.includes(name)),
          ),
          ...request.env,
          PATH: process.env["PATH"],
          POD_NETWORK_ADDRESS: pod.status?.podIP,
          POD_NETWORK_HOSTS: hostsPath,
        },
      },
    );
    children.add(child);
    // A program that does not read its input closes it early, which is no error.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input === undefined ? "" : JSON.stringify(input));
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    try {
      const [exitCode, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      const [stdout, stderr] = await output;
      return {
        exitCode: exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        stdout,
        stderr,
      };
    } finally {
      children.delete(child);
      hosts.forget(hostsPath);
      await rm(hostsPath, { force: true });
    }
  };

  return {
    run,
    stop: async () => {
      await Promise.all(
        [...children].map(async (child) => {
          const closed = once(child, "close");
          child.kill("SIGKILL");
          await closed;
        }),
      );
    },
  };
}

function programPath(program: string): string {
  const path = resolve(repository, program);
  if (relative(repository, path).startsWith("..") || !path.endsWith(".ts") || !existsSync(path)) {
    throw new Error(`${program} is not a .ts file of this repository; name one relative to ${repository}.`);
  }
  return path;
}
