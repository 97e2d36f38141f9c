import type { ContainerContext } from "../cluster/node/image-programs.ts";
import type { RunningProgram } from "../cluster/node/pod-process.ts";
import { startController } from "./controller.ts";

/** Port of the Service `deepflow-server` that leads to the controller's API. */
export const controllerPort = 20417;

export type DeepflowServerOptions = Pick<ContainerContext, "pod" | "container" | "log">;

/**
 * What is to be seen of a deepflow-server pod: the API of its controller, at the pod's address, as it is
 * after an installation. What it stores ends with the pod. The port is that of the container port named
 * `health-check`, as the Service's port is in DeepFlow's Helm chart.
 */
export async function startDeepflowServer(options: DeepflowServerOptions): Promise<RunningProgram> {
  const { pod, container, log } = options;
  const controller = await startController({
    address: pod.status?.podIP ?? "",
    port: container.ports?.find(({ name }) => name === "health-check")?.containerPort ?? controllerPort,
    onRequest: ({ method, path }) => {
      // Probes say nothing of anybody's wishes.
      if (path !== "/v1/health/") log(`${method} ${path}`);
    },
  });
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  return {
    exited,
    stop: async () => {
      await controller.stop();
      resolve(0);
    },
  };
}
