import { appendFileSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { ApiException, V1DeleteOptions, V1Preconditions } from "@kubernetes/client-node";
import { startContainerProcess } from "./container-process.ts";
import { runContainer } from "./container.ts";
import type { Container, RestartPolicy } from "./container.ts";
import type { HostsFiles } from "./hosts.ts";
import { programOf } from "./image-programs.ts";
import type { ImageProgram, ImagePrograms } from "./image-programs.ts";
import type { MemoryCgroups } from "./memory-cgroup.ts";
import { nodeAddress } from "./node-view.ts";
import type { NodeView } from "./node-view.ts";
import { reportConditions } from "./pod-conditions.ts";
import type { ReportedContainer } from "./pod-conditions.ts";
import { containersOf } from "./pod-objects.ts";
import type { RunningProgram } from "./pod-process.ts";
import { followReadiness } from "./probe.ts";
import { senderAddress } from "./sender.ts";
import type { PodProcess } from "./sender.ts";

export interface KubeletOptions {
  view: NodeView;
  /** The cluster's folder. */
  dir: string;
  programs: ImagePrograms;
  hosts: HostsFiles;
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
  program: ImageProgram;
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
 * The kubelets of all nodes, for pods with a container that a process runs for: they start it, ask its
 * startup and readiness probes and report what these say, and end a deleted pod by `preStop.sleep`, SIGTERM
 * and SIGKILL before they let its object go. Other pods are KWOK's.
 */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { view, dir, programs, hosts, cgroups, log } = options;
  const pods = new Map<string, RunningPod>();
  let stopping = false;
  mkdirSync(join(dir, "log", "pods"), { recursive: true });

  const update = (): void => {
    if (stopping) return;
    const wanted = new Map(
      view.pods
        .list()
        .filter((pod) => isToRun(pod, programs))
        .map((pod) => [pod.metadata?.uid ?? "", pod]),
    );
    // What ends goes first: what takes its place may need its address.
    for (const [uid, { termination }] of pods) if (!wanted.has(uid) && !termination) terminate(uid);
    // Deleted before anything was started for it.
    for (const pod of view.pods.list().filter((pod) => isToForget(pod, programs)))
      if (!pods.has(pod.metadata?.uid ?? "")) forget(pod);
    for (const [uid, pod] of wanted) if (!pods.has(uid)) pods.set(uid, start(pod, uid));
  };

  const start = (pod: V1Pod, uid: string): RunningPod => {
    // KWOK gives a freed address to the next pod at once, while a process of the last one may still listen
    // there.
    const predecessors = [...pods.values()]
      .filter((other) => other.pod.status?.podIP === pod.status?.podIP)
      .flatMap(({ termination }) => termination ?? []);
    const policy = (pod.spec?.restartPolicy ?? "Always") as RestartPolicy;
    const containers = containersOf(pod).flatMap((spec) => {
      const program = programOf(programs, spec.image);
      if (program === undefined) return [];
      const file = logFile(pod, spec.name);
      const told = (line: string): void => {
        // What runs in here has no output of its own; what it says belongs where a container's output is
        // looked for.
        if ("start" in program) appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
        log(`${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""} ${spec.name} ${line}`);
        const entry = pods.get(uid);
        if (entry !== undefined) report(entry);
      };
      const launch = async (): Promise<RunningProgram> => {
        await Promise.all(predecessors);
        if ("start" in program)
          return program.start({
            pod,
            container: spec,
            nodeAddress: nodeAddress(view.nodes.get(pod.spec?.nodeName ?? "")),
            senderOf: (connection: Socket) => senderAddress(connection, processes()),
            resources: () => ({ pods: view.pods.list(), nodes: view.nodes.list() }),
            log: told,
          });
        return startContainerProcess({
          api: view.api,
          pod,
          container: spec,
          executable: program.executable(spec.image ?? ""),
          dir: join(dir, "pods", uid),
          nodeDir: join(dir, "nodes", pod.spec?.nodeName ?? ""),
          log: file,
          hosts,
          cgroups,
        });
      };
      return [{ spec, program, container: runContainer(launch, policy, told), ready: false }];
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
    const graceSeconds =
      now?.metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30;
    entry.probing.abort();
    entry.termination = Promise.all(
      entry.containers.map(({ container, spec }) =>
        // When the cluster itself ends, there is nobody left whom it would spare anything.
        container.stop(graceSeconds, stopping ? 0 : spec.lifecycle?.preStop?.sleep?.seconds),
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
      const isProcess = ({ containers }: RunningPod): boolean =>
        containers.every(({ program }) => "executable" in program);
      // Processes end first: one that is asked to end may still deliver what it holds to what runs in here.
      for (const processes of [true, false]) {
        for (const [uid, entry] of pods)
          if (isProcess(entry) === processes && !entry.termination) terminate(uid);
        await Promise.all([...pods.values()].flatMap(({ termination }) => termination ?? []));
      }
    },
  };
}

/** Whether a kubelet would have this pod's containers running. */
export function isToRun(pod: V1Pod, programs: ImagePrograms): boolean {
  const { metadata, status } = pod;
  return (
    status?.phase === "Running" &&
    status.podIP !== undefined &&
    metadata?.deletionTimestamp === undefined &&
    hasProgram(pod, programs)
  );
}

/**
 * Whether a pod is deleted and its node's kubelet has to let it go; one without a node is the API server's.
 */
function isToForget(pod: V1Pod, programs: ImagePrograms): boolean {
  return (
    pod.metadata?.deletionTimestamp !== undefined &&
    pod.spec?.nodeName !== undefined &&
    hasProgram(pod, programs)
  );
}

function hasProgram({ spec }: V1Pod, programs: ImagePrograms): boolean {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(
    ({ image }) => programOf(programs, image) !== undefined,
  );
}

function reportedContainers({ pod, containers }: RunningPod): ReportedContainer[] {
  return (pod.spec?.containers ?? []).map((spec) => {
    const real = containers.find((one) => one.spec.name === spec.name);
    return real ? { spec, state: real.container.state(), ready: real.ready } : { spec, ready: true };
  });
}
