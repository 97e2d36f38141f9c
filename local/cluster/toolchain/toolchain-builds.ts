import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { dump, load } from "js-yaml";
import { z } from "zod";
import { go, goEnvironment, type GoRun } from "./go.ts";

/** One Go module that is compiled into a folder of its own. */
export interface Build {
  /** What a person calls it, with its version. */
  title: string;
  /** The folder's name below `.toolchain`: it changes with everything that goes into the binaries. */
  key: string;
  /** Downloads its Go modules, which `compile` does too. */
  download(signal: AbortSignal): Promise<unknown>;
  /** Fills `target`, and returns how much was compiled and how much came from Go's cache. */
  compile(target: string, report: (text: string) => void, signal: AbortSignal): Promise<string>;
}

const controlPlaneDir = join(import.meta.dirname, "control-plane");
const nodeDir = join(import.meta.dirname, "node");
const collectorsDir = join(import.meta.dirname, "collectors");
const kubeScoreDir = join(import.meta.dirname, "kube-score");
const actionlintDir = join(import.meta.dirname, "actionlint");

/** The version of Kubernetes as go.mod pins it, with its leading `v`. */
export const kubernetesVersion = pinnedVersion(controlPlaneDir, "k8s.io/kubernetes");

/**
 * The stages that KWOK plays: nodes become ready and keep a heartbeat, pods run at once and go when deleted.
 */
export const stageFiles = [
  "node/fast/node-initialize.yaml",
  "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "pod/fast/pod-ready.yaml",
  "pod/fast/pod-complete.yaml",
  "pod/fast/pod-delete.yaml",
];

const [major = "", minor = ""] = kubernetesVersion.slice(1).split(".");
const kubernetesFlags = [
  "-s -w",
  // Without it the API server reports v0.0.0-master, which clients refuse to parse.
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  `-X k8s.io/component-base/version.gitMajor=${major} -X k8s.io/component-base/version.gitMinor=${minor}`,
].join(" ");
const strippedFlags = "-s -w";

/**
 * Flags of every build. The compiler makes no debugging information, which the linker would leave out anyway
 * (`-w`): of 772 packages of Kubernetes the compiler took 22 % less CPU without it. Without inlining (`-l`)
 * it would take another third less, and without optimisation (`-N -l`) no less than that; but the API server
 * then takes 45 % more CPU, and a cluster an eighth more time to start.
 */
const buildFlags = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** etcd, the Kubernetes programs and KWOK. */
export const controlPlane: Build = {
  title: `Kubernetes ${kubernetesVersion} control plane, etcd and KWOK`,
  key: `control-plane-${hashOf(controlPlaneDir, ["go.mod", "go.sum"], kubernetesFlags, ...stageFiles)}`,
  download: (signal) => listPackages(["tool"], { cwd: controlPlaneDir, signal }),
  async compile(target, report, signal) {
    // `tool` is every program that go.mod's tool directives name.
    const run = { cwd: controlPlaneDir, signal };
    const result = await compile(["tool"], ["-ldflags", kubernetesFlags], target, run, report);
    await rename(join(target, "server"), join(target, "etcd"));
    const kwok = (await go(["list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"], run)).trim();
    await mkdir(join(target, "stages"));
    for (const file of stageFiles) {
      await copyFile(join(kwok, "kustomize", "stage", file), join(target, "stages", basename(file)));
    }
    return result;
  },
};

/** kubelet and kube-proxy, and what holds a pod's namespaces. Only tests on real nodes use them. */
export const nodePrograms: Build = {
  title: `Kubernetes ${pinnedVersion(nodeDir, "k8s.io/kubernetes")} kubelet and kube-proxy`,
  key: `node-${hashOf(nodeDir, ["go.mod", "go.sum", "pause/main.go"], kubernetesFlags)}`,
  download: (signal) => listPackages(["tool", "./pause"], { cwd: nodeDir, signal }),
  compile(target, report, signal) {
    const run = { cwd: nodeDir, signal };
    return compile(["tool", "./pause"], ["-ldflags", kubernetesFlags], target, run, report);
  },
};

/** kube-score, which judges manifests. The embedded cluster does without it. */
export const kubeScore = toolBuild("kube-score", kubeScoreDir, "github.com/zegl/kube-score");

/** actionlint, which judges workflows of GitHub Actions. Only tests use it. */
export const actionlint = toolBuild("actionlint", actionlintDir, "github.com/rhysd/actionlint");

/** A single program, named as its folder. */
function toolBuild(name: string, folder: string, module: string): Build {
  return {
    title: `${name} ${pinnedVersion(folder, module)}`,
    key: `${name}-${hashOf(folder, ["go.mod", "go.sum"], strippedFlags)}`,
    download: (signal) => listPackages(["tool"], { cwd: folder, signal }),
    compile(target, report, signal) {
      const flags = ["-ldflags", strippedFlags];
      return compile(["tool"], flags, join(target, name), { cwd: folder, signal }, report);
    },
  };
}

/** A Collector of one version. */
export interface CollectorBuild extends Build {
  /** Without a leading `v`, as its image is tagged. */
  readonly version: string;
}

/** The OpenTelemetry Collectors: one for every folder below collectors/, which is named after its version. */
export const collectors: CollectorBuild[] = readdirSync(collectorsDir).sort().map(collectorBuild);

const builderPackage = "go.opentelemetry.io/collector/cmd/builder";
const builderFile = z.looseObject({ dist: z.looseObject({}) });

/** A Collector with the components of its builder.yaml. */
function collectorBuild(version: string): CollectorBuild {
  const folder = join(collectorsDir, version);
  return {
    version,
    title: `OpenTelemetry Collector ${version}`,
    key: `collector-${version}-${hashOf(folder, ["go.mod", "go.sum", "builder.yaml"], strippedFlags)}`,
    download(signal) {
      const file = readFileSync(join(folder, "builder.yaml"), "utf8");
      // A module, which is also a package, and its version.
      const packages = [...file.matchAll(/gomod: (\S+) /g)].map(([, module = ""]) => module);
      return listPackages([builderPackage, ...packages], { cwd: folder, signal });
    },
    async compile(target, report, signal) {
      const sources = join(target, "sources");
      await mkdir(sources);
      await compile([builderPackage], [], sources, { cwd: folder, signal }, report);
      const builder = builderFile.parse(load(readFileSync(join(folder, "builder.yaml"), "utf8")));
      const config = { ...builder, dist: { ...builder.dist, version, output_path: sources } };
      await writeFile(join(sources, "builder.yaml"), dump(config));
      report("generating its sources");
      const generate = [
        "--config",
        join(sources, "builder.yaml"),
        "--skip-compilation",
        "--skip-get-modules",
      ];
      await go(generate, { cwd: folder, signal }, join(sources, "builder"));
      // Our own, locked, in place of the one that some versions of the builder generate.
      for (const file of ["go.mod", "go.sum"]) await copyFile(join(folder, file), join(sources, file));
      const flags = ["-ldflags", strippedFlags];
      const binary = join(target, "otelcol-contrib");
      const result = await compile(["."], flags, binary, { cwd: sources, signal }, report);
      await rm(sources, { recursive: true });
      return result;
    },
  };
}

/** What packages are made of, a line each. Go downloads what it has to read for that. */
function listPackages(packages: readonly string[], run: GoRun): Promise<string> {
  return go(["list", "-deps", ...packages], run);
}

/** `go build`, telling how many of the packages are done. */
async function compile(
  packages: readonly string[],
  flags: readonly string[],
  output: string,
  run: GoRun,
  report: (text: string) => void,
): Promise<string> {
  let downloaded = 0;
  report("looking for its Go modules");
  const list = await listPackages(packages, {
    ...run,
    onLine(line) {
      if (!line.startsWith("go: downloading ")) return;
      downloaded++;
      report(`downloading Go modules, the first time only: ${downloaded} so far, now ${line.slice(16)}`);
    },
  });
  const total = list.trimEnd().split("\n").length;
  let compiled = 0;
  report(`compiling and linking ${total} packages`);
  await go(["build", "-v", ...buildFlags, ...flags, "-o", output, ...packages], {
    ...run,
    onLine(line) {
      if (/[ :]/.test(line)) return;
      compiled++;
      report(`compiled ${compiled} of ${total} packages, the cached ones not counted; now ${line}`);
    },
  });
  const cached = total - compiled;
  return `${compiled} packages compiled` + (cached > 0 ? `, ${cached} from Go's build cache` : "");
}

function pinnedVersion(dir: string, module: string): string {
  const file = join(dir, "go.mod");
  const version = readFileSync(file, "utf8")
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/^require /, "")
        .split(" "),
    )
    .find(([name]) => name === module)?.[1];
  if (version === undefined)
    throw new Error(`${file} requires no ${module}: add it with \`go get ${module}\`.`);
  return version;
}

function hashOf(dir: string, files: readonly string[], ...flags: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(dir, file)));
  hash.update(JSON.stringify([flags, buildFlags, goEnvironment]));
  return hash.digest("hex").slice(0, 12);
}
