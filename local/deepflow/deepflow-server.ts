import type { ContainerContext } from "../cluster/node/image-programs.ts";
import type { RunningProgram } from "../cluster/node/pod-process.ts";
import type { Agent } from "./controller-groups.ts";
import { startController } from "./controller.ts";
import type { FlowRow } from "./flow-row.ts";
import { querierPort, startQuerier } from "./querier.ts";
import { runServers } from "./servers.ts";

/** Port of the Service `deepflow-server` that leads to the controller's API. */
export const controllerPort = 20417;

export interface DeepflowServerOptions extends Pick<ContainerContext, "pod" | "container" | "log"> {
  /** The agents that there are; read at every request. */
  agents: readonly Agent[];
  /** What is in l7_flow_log. */
  rows: () => readonly FlowRow[];
}

/**
 * What is to be seen of a deepflow-server pod: the API of its controller, as it is after an installation, and
 * its querier, at the pod's address. What the controller stores ends with the pod. The ports are those of the
 * container ports named `health-check` and `querier`, as the Service's ports are in DeepFlow's Helm chart.
 */
export function startDeepflowServer(options: DeepflowServerOptions): Promise<RunningProgram> {
  const { pod, container, log, agents, rows } = options;
  const address = pod.status?.podIP ?? "";
  const port = (name: string) => container.ports?.find((one) => one.name === name)?.containerPort;
  return runServers([
    startController({
      address,
      port: port("health-check") ?? controllerPort,
      agents,
      onRequest: ({ method, path }) => {
        // Probes say nothing of anybody's wishes.
        if (path !== "/v1/health/") log(`${method} ${path}`);
      },
    }),
    startQuerier({ address, port: port("querier") ?? querierPort, rows }),
  ]);
}
