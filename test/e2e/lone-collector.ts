import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, openSync, closeSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deepFlowDestination } from "../../components/deepflow/destination.ts";
import { deepFlowSettings } from "../../components/deepflow/settings.ts";
import {
  collectorConfigYaml,
  type CollectorConfigArgs,
} from "../../components/otel-agent/collector-config.ts";
import { configSyntaxOf, versionOfTag } from "../../components/otel-agent/collector-version.ts";
import { goEnvironment } from "../../components/otel-agent/go-environment.ts";
import { onlyOtlp } from "../../components/otel-agent/ports.ts";
import { queueFolder } from "../../components/otel-agent/queue.ts";
import { resolveOtelAgent } from "../../components/otel-agent/resolve.ts";
import { watchScope } from "../../components/otel-agent/topology.ts";
import { toolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { exportBytes, type OddResourceSpans } from "./otlp-bytes.ts";

/** A Collector that runs as a process of its own, without a cluster. */
export interface LoneCollector {
  /** Where it takes OTLP/HTTP traces. */
  readonly url: string;
  /** Sends it an export request over HTTP, and returns the status of its answer. */
  readonly send: (request: readonly OddResourceSpans[]) => Promise<number>;
  /** The same with a request in bytes. */
  readonly sendBytes: (request: Uint8Array) => Promise<number>;
  readonly pid: number;
  /** Resolves when its process has ended, whoever ended it. */
  readonly exited: Promise<unknown>;
  readonly log: () => string;
  /** Ends it, by default so that it sends what it holds, and resolves when it is gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

export interface LoneCollectorOptions {
  /** A version of `testedVersions`, as its image is tagged. */
  readonly version: string;
  /** What differs from a stack's defaults; the pod look-up is `passthrough`, which needs no API server. */
  readonly args?: Partial<CollectorConfigArgs>;
  /** Port on 127.0.0.1 of whatever stands for the deepflow-agent. */
  readonly agentPort: number;
  /** Changes the rendered file, to see what it is like without a part of it. */
  readonly change?: (config: string) => string;
  /** Folder of a queue on a disk; by default one that goes with the Collector. */
  readonly queueFolder?: string;
  /** Environment variables beside those of the pod. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The `cgroup.procs` of the cgroup that it runs in. */
  readonly cgroupProcs?: string | undefined;
}

/** Joins the cgroup of the first argument, if there is one, and becomes the program of the others. */
const joinCgroup = '[ -z "$1" ] || echo $$ > "$1"; shift; exec "$@"';

const defaults = resolveOtelAgent({});

/** Memory limit that its configuration is made for, a stack's default. */
export const { memoryLimitMib } = defaults;

let started = 0;

/** Starts a Collector with the configuration that the program renders, on a loopback address of its own. */
export async function startLoneCollector(options: LoneCollectorOptions): Promise<LoneCollector> {
  const { version, agentPort, change } = options;
  started += 1;
  const address = `127.${128 + started}.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
  const folder = mkdtempSync(join(tmpdir(), "collector-"));
  const [config, log] = [join(folder, "config.yaml"), join(folder, "log")];
  const { queueFolder: queue = join(folder, "queue") } = options;
  mkdirSync(queue, { recursive: true });
  const args = configArgs(version, agentPort, options.args);
  const rendered = collectorConfigYaml(args).replaceAll(queueFolder, queue);
  writeFileSync(config, change?.(rendered) ?? rendered);
  const output = openSync(log, "w");
  const command = [toolchain().otelcols[version] ?? "", `--config=${config}`];
  const child = spawn("sh", ["-c", joinCgroup, "sh", options.cgroupProcs ?? "", ...command], {
    stdio: ["ignore", output, output],
    env: {
      ...process.env,
      ...{ MY_POD_IP: address, HOST_IP: "127.0.0.1", K8S_NODE_NAME: "node" },
      ...goEnvironment({
        ...args,
        cpuLimit: defaults.resources.limits.cpu,
        watches: watchScope(args.topology, args.association),
      }),
      ...options.env,
    },
  });
  closeSync(output);
  const exited = once(child, "exit");
  const read = () => readFileSync(log, "utf8");
  while (!read().includes("Everything is ready")) {
    if (child.exitCode !== null) throw new Error(`The Collector ended at its start:\n${read()}`);
    await sleep(10);
  }
  const url = `http://${address}:4318/v1/traces`;
  const sendBytes = async (body: Uint8Array) => {
    const headers = { "content-type": "application/x-protobuf" };
    const answer = await fetch(url, { method: "POST", headers, body });
    await answer.arrayBuffer();
    return answer.status;
  };
  return {
    url,
    send: (request) => sendBytes(exportBytes(request)),
    sendBytes,
    pid: child.pid ?? 0,
    exited,
    log: read,
    stop: async (signal) => {
      child.kill(signal);
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

function configArgs(
  version: string,
  agentPort: number,
  args: Partial<CollectorConfigArgs> = {},
): CollectorConfigArgs {
  const parsed = versionOfTag(version);
  const syntax = parsed && configSyntaxOf(parsed);
  if (!syntax) throw new Error(`Version ${version} is unknown.`);
  const url = `http://127.0.0.1:${agentPort}/api/v1/otel/trace`;
  return {
    topology: "agent",
    association: "passthrough",
    syntax,
    destination: deepFlowDestination(deepFlowSettings.parse({ type: "url", url }), "open-telemetry"),
    k8sAttributes: [],
    resourceAttributes: {},
    httpAttributes: true,
    processors: {},
    exporters: {},
    memoryLimitMib,
    queue: { storage: "memory" },
    selfMetrics: false,
    receivers: onlyOtlp,
    ...args,
  };
}
