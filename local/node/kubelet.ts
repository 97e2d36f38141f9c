import { appendFileSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { startCollector } from "./collector-process.ts";
import { runContainer } from "./container.ts";
import type { Container, RestartPolicy } from "./container.ts";
import { startDeepflowAgent } from "../deepflow/deepflow-agent.ts";
import { startDeepflowServer } from "../deepflow/deepflow-server.ts";
import type { HostsFiles } from "./hosts.ts";
import { collectorOf, programOf } from "./images.ts";
import type { Program } from "./images.ts";
import { nodeAddress } from "./node-view.ts";
import type { NodeView } from "./node-view.ts";
import { containersOf } from "./pod-objects.ts";
import type { RunningProgram } from "./pod-process.ts";
import type { Received } from "../deepflow/received.ts";
import { senderAddress } from "./sender.ts";
import type { PodProcess } from "./sender.ts";

export type { ContainerStatus, PodStatus } from "./pod-status.ts";

export interface KubeletOptions {
  view: NodeView;
  /** The cluster's folder. */
  dir: string;
  /** The Collectors on this machine, by version. */
  otelcols: Readonly<Record<string, string>>;
  hosts: HostsFiles;
  received: Received;
  log: (line: string) => void;
}

/** A pod with containers that something really runs for. */
export interface RunningPod {
  pod: V1Pod;
  /** Resolves when its last process has ended; undefined while it is to run. */
  termination: Promise<void> | undefined;
  containers: { spec: V1Container; program: Program; container: Container }[];
}

export interface Kubelet {
  /** By pod uid; pods that are being terminated stay until their last process has ended. */
  running: () => ReadonlyMap<string, RunningPod>;
  processes: () => PodProcess[];
  /** Where a container's output goes. */
  logFile: (pod: V1Pod, container: string) => string;
  stop: () => Promise<void>;
}

/** Plays the kubelets of all nodes, for those containers that a program stands for. KWOK plays the rest. */
export function startKubelet({ view, dir, otelcols, hosts, received, log }: KubeletOptions): Kubelet {
  const pods = new Map<string, RunningPod>();
  let stopping = false;
  mkdirSync(join(dir, "log", "pods"), { recursive: true });

  const update = (): void => {
    if (stopping) return;
    const wanted = new Map(
      view.pods
        .list()
        .filter(isToRun)
        .map((pod) => [pod.metadata?.uid ?? "", pod]),
    );
    // What ends goes first: what takes its place may need its address.
    for (const [uid, { termination }] of pods) if (!wanted.has(uid) && !termination) terminate(uid);
    for (const [uid, pod] of wanted) if (!pods.has(uid)) pods.set(uid, start(pod, uid));
  };

  const start = (pod: V1Pod, uid: string): RunningPod => {
    // KWOK gives a freed address to the next pod at once, while a process of the last one may still listen there.
    const predecessors = [...pods.values()]
      .filter((other) => other.pod.status?.podIP === pod.status?.podIP)
      .flatMap(({ termination }) => termination ?? []);
    const policy = (pod.spec?.restartPolicy ?? "Always") as RestartPolicy;
    const containers = containersOf(pod).flatMap((spec) => {
      const image = programOf(spec.image ?? "");
      if (image === undefined) return [];
      const file = logFile(pod, spec.name);
      const told = (line: string): void => {
        // A stand-in has no output of its own; what it says belongs where a container's output is looked for.
        if (image.program !== "otelcol") appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
        log(`${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""} ${spec.name} ${line}`);
      };
      const start: Record<Program, () => Promise<RunningProgram>> = {
        otelcol: () =>
          startCollector({
            api: view.api,
            pod,
            container: spec,
            image,
            otelcol: collectorOf(spec.image ?? "", otelcols),
            dir: join(dir, "pods", uid),
            log: file,
            hosts,
          }),
        door: () =>
          startDeepflowAgent({
            pod,
            container: spec,
            nodeAddress: nodeAddress(view.nodes.get(pod.spec?.nodeName ?? "")),
            received,
            senderOf: (connection: Socket) => senderAddress(connection, processes()),
            log: told,
          }),
        controller: () => startDeepflowServer({ pod, container: spec, log: told }),
      };
      const launch = async (): Promise<RunningProgram> => {
        await Promise.all(predecessors);
        return start[image.program]();
      };
      return [{ spec, program: image.program, container: runContainer(launch, policy, told) }];
    });
    return { pod, termination: undefined, containers };
  };

  const terminate = (uid: string): void => {
    const entry = pods.get(uid);
    if (entry === undefined) return;
    const grace = entry.pod.spec?.terminationGracePeriodSeconds ?? 30;
    entry.termination = Promise.all(entry.containers.map(({ container }) => container.stop(grace)))
      .then(() => rm(join(dir, "pods", uid), { recursive: true, force: true }))
      .catch((error: unknown) => {
        log(`The folder of pod ${uid} could not be removed: ${String(error)}`);
      })
      .finally(() => {
        pods.delete(uid);
      });
  };

  const processes = (): PodProcess[] =>
    [...pods.values()].flatMap(({ pod, containers }) =>
      containers.flatMap(({ container }) => {
        const { pid } = container.state();
        return pid === undefined
          ? []
          : [{ pid, podIP: pod.status?.podIP ?? "", node: pod.spec?.nodeName ?? "" }];
      }),
    );

  const logFile = (pod: V1Pod, container: string): string => {
    const pods = join(dir, "log", "pods");
    return join(pods, `${pod.metadata?.namespace ?? ""}_${pod.metadata?.name ?? ""}_${container}.log`);
  };

  view.pods.onChange(update);
  update();
  return {
    running: () => pods,
    processes,
    logFile,
    stop: async () => {
      stopping = true;
      const isDoor = ({ containers }: RunningPod): boolean =>
        containers.some(({ program }) => program === "door");
      // Doors close last: a Collector that is asked to end still delivers what it holds.
      for (const doors of [false, true]) {
        for (const [uid, entry] of pods) if (isDoor(entry) === doors && !entry.termination) terminate(uid);
        await Promise.all([...pods.values()].flatMap(({ termination }) => termination ?? []));
      }
    },
  };
}

/** Whether a kubelet would have this pod's containers running. */
export function isToRun({ metadata, spec, status }: V1Pod): boolean {
  return (
    status?.phase === "Running" &&
    status.podIP !== undefined &&
    metadata?.deletionTimestamp === undefined &&
    [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(
      ({ image = "" }) => programOf(image) !== undefined,
    )
  );
}
