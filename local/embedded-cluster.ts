import { join } from "node:path";
import type { Cluster, ClusterOptions } from "./cluster/cluster.ts";
import { controllerPort } from "./deepflow/deepflow-server.ts";

const controllerService = `deepflow/deepflow-server:${controllerPort}`;

/** What every cluster of this project is started with. */
export const clusterOptions: Pick<ClusterOptions, "podRuntime" | "publish"> = {
  podRuntime: join(import.meta.dirname, "pod-runtime.ts"),
  publish: [controllerService],
};

/**
 * Where the API of DeepFlow's controller, and so deepflow-ctl, reaches the pod deepflow-server from this
 * machine. While there is no such pod, connections are closed.
 *
 * @throws Error, a sentence, if the cluster was not started with `clusterOptions`.
 */
export function controllerAddress({ name, published }: Pick<Cluster, "name" | "published">): {
  host: string;
  port: number;
} {
  const address = published[controllerService];
  if (address === undefined)
    throw new Error(`The cluster ${name} publishes no ${controllerService}: stop it and start it anew.`);
  return address;
}
