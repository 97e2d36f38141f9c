import { join } from "node:path";
import type { Cluster, ClusterOptions } from "./cluster/cluster.ts";
import { appPort } from "./deepflow/deepflow-app.ts";
import { controllerPort } from "./deepflow/deepflow-server.ts";
import { querierPort } from "./deepflow/querier.ts";

/** Ports of DeepFlow's Services that are reached from this machine. */
const services = {
  controller: `deepflow/deepflow-server:${controllerPort}`,
  querier: `deepflow/deepflow-server:${querierPort}`,
  app: `deepflow/deepflow-app:${appPort}`,
  agent: "deepflow/deepflow-agent:80",
};

/** What every cluster of this project is started with. */
export const clusterOptions: Pick<ClusterOptions, "podRuntime" | "publish"> = {
  podRuntime: join(import.meta.dirname, "pod-runtime.ts"),
  publish: Object.values(services),
};

/**
 * Where the API of DeepFlow's controller, and so deepflow-ctl, reaches the pod deepflow-server from this
 * machine. While there is no such pod, connections are closed.
 *
 * @throws Error, a sentence, if the cluster was not started with `clusterOptions`.
 */
export function controllerAddress(cluster: PublishingCluster): { host: string; port: number } {
  return publishedAddress(cluster, services.controller);
}

/**
 * Base URLs of what `npm run verify` asks, as `controllerAddress` has that of the controller.
 *
 * @throws as `controllerAddress` does.
 */
export function deepFlowUrls(cluster: PublishingCluster): Record<keyof typeof services, string> {
  const urls = Object.entries(services).map(([part, service]) => {
    const { host, port } = publishedAddress(cluster, service);
    return [part, `http://${host}:${port}`] as const;
  });
  return Object.fromEntries(urls) as Record<keyof typeof services, string>;
}

type PublishingCluster = Pick<Cluster, "name" | "published">;

function publishedAddress({ name, published }: PublishingCluster, service: string) {
  const address = published[service];
  if (address === undefined)
    throw new Error(`The cluster ${name} publishes no ${service}: stop it and start it anew.`);
  return address;
}
