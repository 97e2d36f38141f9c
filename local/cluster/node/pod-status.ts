import type { V1Container, V1Pod } from "@kubernetes/client-node";
import type { ContainerState } from "./container.ts";
import { programOf } from "./image-programs.ts";
import type { ImagePrograms } from "./image-programs.ts";
import type { Kubelet, RunningPod } from "./kubelet.ts";
import { nodeAddress } from "./node-view.ts";
import type { NodeView } from "./node-view.ts";
import { containersOf } from "./pod-objects.ts";
import { ask } from "./probe.ts";

/** A pod and what really runs for it. */
export interface PodStatus {
  namespace: string;
  name: string;
  uid: string;
  node: string;
  /** Empty before KWOK has given it one. */
  podIP: string;
  /** As the API server has it, or `Terminating` for a deleted pod of which something still runs. */
  phase: string;
  containers: ContainerStatus[];
}

export interface ContainerStatus extends Partial<ContainerState> {
  name: string;
  image: string;
  /** What runs for it; null for a container that is only simulated. */
  program: string | null;
  running: boolean;
  restarts: number;
  /** Whether its readiness probe answers just now; absent without one that is asked here. */
  healthy?: boolean;
  /** File with its output, which is there once there was any. */
  log: string;
}

/** Every pod of the cluster, simulated ones too, with the readiness of the real ones asked for now. */
export function reportPods(view: NodeView, kubelet: Kubelet, programs: ImagePrograms): Promise<PodStatus[]> {
  const known = new Map(view.pods.list().map((pod) => [pod.metadata?.uid, pod]));
  const gone = [...kubelet.running().values()]
    .map(({ pod }) => pod)
    .filter((pod) => !known.has(pod.metadata?.uid));
  return Promise.all([...known.values(), ...gone].map((pod) => reportPod(pod, view, kubelet, programs)));
}

async function reportPod(
  pod: V1Pod,
  view: NodeView,
  kubelet: Kubelet,
  programs: ImagePrograms,
): Promise<PodStatus> {
  const uid = pod.metadata?.uid ?? "";
  const node = pod.spec?.nodeName ?? "";
  const running = kubelet.running().get(uid);
  const address = nodeAddress(view.nodes.get(node));
  return {
    namespace: pod.metadata?.namespace ?? "",
    name: pod.metadata?.name ?? "",
    uid,
    node,
    podIP: pod.status?.podIP ?? "",
    phase: running?.termination ? "Terminating" : (pod.status?.phase ?? "Unknown"),
    containers: await Promise.all(
      containersOf(pod).map((container) =>
        reportContainer(container, pod, running, address, kubelet.logFile(pod, container.name), programs),
      ),
    ),
  };
}

async function reportContainer(
  container: V1Container,
  pod: V1Pod,
  running: RunningPod | undefined,
  address: string | undefined,
  log: string,
  programs: ImagePrograms,
): Promise<ContainerStatus> {
  const { name, image = "" } = container;
  const state = running?.containers.find(({ spec }) => spec.name === name)?.container.state();
  const target = { container, podIP: pod.status?.podIP ?? "", nodeAddress: address };
  const healthy = state?.running ? await ask(container.readinessProbe, target) : undefined;
  return {
    name,
    image,
    program: programOf(programs, image)?.name ?? null,
    running: false,
    restarts: 0,
    ...state,
    ...(healthy === undefined ? {} : { healthy }),
    log,
  };
}
