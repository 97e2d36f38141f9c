import { appendFileSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { startCollector } from "./collector-process.ts";
import { runContainer } from "./container.ts";
import type { Container, RestartPolicy } from "./container.ts";
import { startDeepflowAgent } from "../../deepflow/deepflow-agent.ts";
import { startDeepflowServer } from "../../deepflow/deepflow-server.ts";
import type { HostsFiles } from "./hosts.ts";
import { collectorOf, programOf } from "./images.ts";
import type { Program } from "./images.ts";
import type { MemoryCgroups } from "./memory-cgroup.ts";
import { ApiException, V1DeleteOptions, V1Preconditions } from "@kubernetes/client-node";
import { nodeAddress } from "./node-view.ts";
import type { NodeView } from "./node-view.ts";
import { reportConditions } from "./pod-conditions.ts";
import type { ReportedContainer } from "./pod-conditions.ts";
import { containersOf } from "./pod-objects.ts";
import { followReadiness } from "./probe.ts";
import type { RunningProgram } from "./pod-process.ts";
import type { Received } from "../../deepflow/received.ts";
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
  cgroups: MemoryCgroups;
  log: (line: string) => void;
}

/** A pod with containers that something really runs for. */
export interface RunningPod {
  pod: V1Pod;
  /** Resolves when its last process has ended; undefined while it is to run. */
  termination: Promise<void> | undefined;
  containers: PodContainer[];
  /** Ends the following of its probes. */
  probing: AbortController;
  /** Resolves when the API server has been told of its containers. */
  reported: Promise<void>;
}

interface PodContainer {
  spec: V1Container;
  program: Program;
  container: Container;
  ready: boolean;
}

export interface Kubelet {
  /** By pod uid; pods that are being terminated stay until their last process has ended. */
  running: () => ReadonlyMap<string, RunningPod>;
  processes: () => PodProcess[];
  /** Where a container's output goes. */
  logFile: (pod: V1Pod, container: string) => string;
  stop: () => Promise<void>;
}

/**
 * The kubelets of all nodes, for pods with a container that a process runs for: they start it, ask its startup and readiness probes and
 * report what these say, and end a deleted pod by `preStop.sleep`, SIGTERM and SIGKILL before they let its object go. Other pods are KWOK's.
 */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { view, dir, otelcols, hosts, received, cgroups, log } = options;
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
    // Deleted before anything was started for it.
    for (const pod of view.pods.list().filter(isToForget))
      if (!pods.has(pod.metadata?.uid ?? "")) forget(pod);
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
        const entry = pods.get(uid);
        if (entry !== undefined) report(entry);
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
            cgroups,
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
      return [{ spec, program: image.program, container: runContainer(launch, policy, told), ready: false }];
    });
    const reported = Promise.resolve();
    const entry = { pod, termination: undefined, containers, probing: new AbortController(), reported };
    for (const container of containers) follow(entry, container);
    return entry;
  };

  const follow = (entry: RunningPod, followed: PodContainer): void => {
    const { pod, probing } = entry;
    const target = {
      container: followed.spec,
      podIP: pod.status?.podIP ?? "",
      nodeAddress: nodeAddress(view.nodes.get(pod.spec?.nodeName ?? "")),
    };
    const isRunning = () => followed.container.state().running;
    const become = (ready: boolean): void => {
      followed.ready = ready;
      report(entry);
    };
    void followReadiness(target, isRunning, become, probing.signal);
  };

  /** Tells the API server of a pod's containers as they are then, after what was told before. */
  const report = (entry: RunningPod): void => {
    const { pod, probing } = entry;
    entry.reported = entry.reported
      .then(() => reportConditions(view.api, pod, reportedContainers(entry)))
      .catch((error: unknown) => {
        // Gone meanwhile, or of another uid.
        if (probing.signal.aborted || (error instanceof ApiException && [404, 409].includes(error.code)))
          return;
        log(`The state of pod ${pod.metadata?.name ?? ""} could not be reported: ${String(error)}`);
      });
  };

  const terminate = (uid: string): void => {
    const entry = pods.get(uid);
    if (entry === undefined) return;
    const { metadata, spec } = entry.pod;
    const now = view.pods.list().find((pod) => pod.metadata?.uid === uid);
    // Who deletes a pod may name another period than its own.
    const grace = now?.metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30;
    entry.probing.abort();
    entry.termination = Promise.all(
      entry.containers.map(({ container, spec }) =>
        // When the cluster itself ends, there is nobody left whom it would spare anything.
        container.stop(grace, stopping ? 0 : spec.lifecycle?.preStop?.sleep?.seconds),
      ),
    )
      .then(() => rm(join(dir, "pods", uid), { recursive: true, force: true }))
      .catch((error: unknown) => {
        log(`The folder of pod ${metadata?.name ?? uid} could not be removed: ${String(error)}`);
      })
      .finally(() => {
        pods.delete(uid);
        if (!stopping && now !== undefined) forget(now);
      });
  };

  /** Lets the object of a pod go of which nothing runs any more. */
  const forget = ({ metadata }: V1Pod): void => {
    const [name, namespace, uid] = [metadata?.name ?? "", metadata?.namespace ?? "", metadata?.uid ?? ""];
    const body = new V1DeleteOptions();
    body.gracePeriodSeconds = 0;
    body.preconditions = new V1Preconditions();
    body.preconditions.uid = uid;
    view.api.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      if (error instanceof ApiException && [404, 409].includes(error.code)) return;
      log(`Pod ${namespace}/${name} could not be let go: ${String(error)}`);
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
export function isToRun(pod: V1Pod): boolean {
  const { metadata, status } = pod;
  return (
    status?.phase === "Running" &&
    status.podIP !== undefined &&
    metadata?.deletionTimestamp === undefined &&
    hasProcess(pod)
  );
}

/** Whether a pod is deleted and its node's kubelet has to let it go; one without a node is the API server's. */
function isToForget(pod: V1Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined && pod.spec?.nodeName !== undefined && hasProcess(pod);
}

function hasProcess({ spec }: V1Pod): boolean {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(
    ({ image = "" }) => programOf(image) !== undefined,
  );
}

function reportedContainers({ pod, containers }: RunningPod): ReportedContainer[] {
  return (pod.spec?.containers ?? []).map((spec) => {
    const real = containers.find((one) => one.spec.name === spec.name);
    return real ? { spec, state: real.container.state(), ready: real.ready } : { spec, ready: true };
  });
}
