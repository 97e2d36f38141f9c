import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { CoreV1Api, V1Container, V1Pod } from "@kubernetes/client-node";
import type { ContainerState } from "./container.ts";

/** A container as its kubelet reports it. */
export interface ReportedContainer {
  spec: V1Container;
  /** Absent for a container that is only simulated, which runs and is ready. */
  state?: ContainerState;
  ready: boolean;
}

/** Writes whether a pod is ready to its status, as its kubelet does: Services and rollouts go by that. */
export async function reportConditions(
  api: CoreV1Api,
  pod: V1Pod,
  containers: readonly ReportedContainer[],
): Promise<void> {
  const now = new Date().toISOString();
  const status = containers.every(({ ready }) => ready) ? "True" : "False";
  const body = {
    // A pod of the same name that has taken its place is somebody else's.
    metadata: { uid: pod.metadata?.uid },
    status: {
      conditions: ["Ready", "ContainersReady"].map((type) => ({ type, status, lastTransitionTime: now })),
      containerStatuses: containers.map(({ spec, state, ready }) => ({
        name: spec.name,
        image: spec.image ?? "",
        imageID: "",
        ready,
        started: ready,
        restartCount: state?.restarts ?? 0,
        state:
          (state?.running ?? true)
            ? { running: { startedAt: now } }
            : { waiting: { reason: "CrashLoopBackOff", message: state?.error ?? "" } },
        ...(state?.lastExitCode !== undefined && {
          lastState: { terminated: { exitCode: state.lastExitCode, reason: reasonOf(state) } },
        }),
      })),
    },
  };
  await api.patchNamespacedPodStatus(
    { name: pod.metadata?.name ?? "", namespace: pod.metadata?.namespace ?? "", body },
    setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
  );
}

function reasonOf({ lastExitCode, oomKills = 0 }: ContainerState): string {
  if (lastExitCode === 137 && oomKills > 0) return "OOMKilled";
  return lastExitCode === 0 ? "Completed" : "Error";
}
