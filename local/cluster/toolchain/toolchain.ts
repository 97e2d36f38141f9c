import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { program } from "commander";
import { runCommandLine } from "../terminal/command-line.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { runSteps } from "../terminal/progress.ts";
import { buildOnce } from "./build-once.ts";
import { missingGo } from "./missing-go.ts";
import {
  actionlint,
  collectors,
  controlPlane,
  kubernetesVersion,
  kubeScore,
  nodePrograms,
  stageFiles,
  type Build,
} from "./toolchain-builds.ts";

/** The programs of the embedded cluster, compiled for this machine. Every path is absolute. */
export interface Toolchain {
  /** The git-ignored folder that holds every build. */
  dir: string;
  kubeApiserver: string;
  kubeControllerManager: string;
  kubeScheduler: string;
  kubectl: string;
  etcd: string;
  kwok: string;
  /** The Collectors that are built, by version, without a leading `v`, as their image is tagged. */
  otelcols: Record<string, string>;
  /** The stage files that KWOK plays. */
  kwokStages: string[];
  /** With its leading `v`. */
  kubernetesVersion: string;
}

const dir = join(import.meta.dirname, "..", "..", "..", ".toolchain");

/** Which Collectors are wanted, by version; all where it is left out. */
export type CollectorVersions = readonly string[] | undefined;

function missingBuilds(versions: CollectorVersions): Build[] {
  const wanted = collectors.filter(({ version }) => versions?.includes(version) ?? true);
  return [controlPlane, ...wanted].filter((build) => !isBuilt(build));
}

function isBuilt({ key }: Build): boolean {
  return existsSync(join(dir, key));
}

/** Where the programs are, or will be once they are built. */
export function toolchain(): Toolchain {
  const kubernetes = join(dir, controlPlane.key);
  return {
    dir,
    kubeApiserver: join(kubernetes, "kube-apiserver"),
    kubeControllerManager: join(kubernetes, "kube-controller-manager"),
    kubeScheduler: join(kubernetes, "kube-scheduler"),
    kubectl: join(kubernetes, "kubectl"),
    etcd: join(kubernetes, "etcd"),
    kwok: join(kubernetes, "kwok"),
    otelcols: Object.fromEntries(
      collectors
        .filter(({ key }) => existsSync(join(dir, key)))
        .map(({ version, key }) => [version, join(dir, key, "otelcol-contrib")]),
    ),
    kwokStages: stageFiles.map((file) => join(kubernetes, "stages", basename(file))),
    kubernetesVersion,
  };
}

/** Whether everything that is wanted is compiled already, so that Go is not needed. */
export function toolchainIsBuilt(versions?: CollectorVersions): boolean {
  return missingBuilds(versions).length === 0;
}

/**
 * Compiles what is not compiled yet: about ten minutes the first time, nothing afterwards.
 *
 * Ctrl-C ends the compilers and leaves nothing half built. Throws a sentence where Go is missing, or
 * with the end of its output where it fails.
 */
export async function ensureToolchain(
  options: BuildOptions & { collectorVersions?: CollectorVersions } = {},
): Promise<Toolchain> {
  await compileAll(missingBuilds(options.collectorVersions), options);
  return toolchain();
}

/** One sentence that says why kube-score is not here and cannot be compiled, or undefined. */
export function missingKubeScore(): string | undefined {
  return missing(kubeScore);
}

/**
 * The path of kube-score, which is compiled if it is not yet: a minute the first time. Ends and throws as
 * `ensureToolchain` does.
 */
export async function ensureKubeScore(options: BuildOptions = {}): Promise<string> {
  return join(await ensured(kubeScore, options), "kube-score");
}

/** One sentence that says why actionlint is not here and cannot be compiled, or undefined. */
export function missingActionlint(): string | undefined {
  return missing(actionlint);
}

/** The path of actionlint, as `ensureKubeScore` has kube-score's. */
export async function ensureActionlint(options: BuildOptions = {}): Promise<string> {
  return join(await ensured(actionlint, options), "actionlint");
}

/** The programs of real nodes. Every path is absolute. */
export interface NodePrograms {
  kubelet: string;
  kubeProxy: string;
  /** Static; sleeps until it is told to end. */
  pause: string;
}

/** One sentence that says why the programs of real nodes cannot be had here, or undefined. */
export function missingNodePrograms(): string | undefined {
  return missing(nodePrograms);
}

/** The programs of real nodes, as `ensureKubeScore` has kube-score: some two minutes the first time. */
export async function ensureNodePrograms(options: BuildOptions = {}): Promise<NodePrograms> {
  const folder = await ensured(nodePrograms, options);
  return {
    kubelet: join(folder, "kubelet"),
    kubeProxy: join(folder, "kube-proxy"),
    pause: join(folder, "pause"),
  };
}

function missing(build: Build): string | undefined {
  return isBuilt(build) ? undefined : missingGo();
}

/** The folder of a build, which is compiled if it is not yet. */
async function ensured(build: Build, options: BuildOptions): Promise<string> {
  if (!isBuilt(build)) await compileAll([build], options);
  return join(dir, build.key);
}

interface BuildOptions {
  /** Whether to say how far it is. Default: true. */
  readonly progress?: boolean;
  readonly signal?: AbortSignal;
}

async function compileAll(builds: readonly Build[], options: BuildOptions): Promise<void> {
  if (builds.length === 0) return;
  const withoutGo = missingGo();
  if (withoutGo !== undefined) throw new Error(withoutGo);
  const interrupted = new AbortController();
  const release = onInterrupt((signal) => {
    interrupted.abort(new Error(`The build of the toolchain was ended by ${signal}.`));
  });
  const signals = [interrupted.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const signal = AbortSignal.any(signals);
  const steps = builds.map((build, index) => ({
    title: build.title,
    async run(report: (text: string) => void) {
      // The network is idle while this one compiles. What goes wrong is told when it is the other's turn.
      builds[index + 1]?.download(signal).catch(() => undefined);
      let result = "built by another process";
      await buildOnce(
        join(dir, build.key),
        async (temporary) => {
          result = await build.compile(temporary, report, signal);
        },
        {
          signal,
          onWait(pid) {
            report(`process ${pid} is building it; waiting for it`);
          },
        },
      );
      return result;
    },
  }));
  try {
    if (options.progress ?? true) await runSteps(steps);
    else for (const step of steps) await step.run(() => undefined);
  } finally {
    release();
  }
}

if (import.meta.main) {
  program
    .name("npm run toolchain --")
    .description("Compiles the programs of the embedded cluster, unless they are, and prints where they are.")
    .action(async () => {
      const { dir } = await ensureToolchain();
      console.log(`The toolchain is in ${dir}.`);
    });
  await runCommandLine(() => program.parseAsync());
}
