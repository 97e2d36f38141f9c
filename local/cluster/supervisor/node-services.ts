import type { KubeConfig } from "@kubernetes/client-node";
import type { Handler } from "../control-plane/control.ts";
import { hostsFiles } from "../node/hosts.ts";
import type { PodRuntime } from "../node/image-programs.ts";
import { startKubeProxy } from "../node/kube-proxy.ts";
import { startKubelet } from "../node/kubelet.ts";
import { memoryCgroups } from "../node/memory-cgroup.ts";
import { watchNodeView } from "../node/node-view.ts";
import { podPrograms } from "../node/pod-program.ts";
import type { ProgramRequest } from "../node/pod-program.ts";
import { reportPods } from "../node/pod-status.ts";
import { policyDecisions } from "../node/policy-decisions.ts";
import type { AllowedRequest } from "../node/policy-decisions.ts";

export interface NodeServicesOptions {
  /** Administrator's access to the API server. */
  kubeConfig: KubeConfig;
  /** The cluster's folder: pods live in `pods`, their output is in `log/pods`. */
  dir: string;
  podRuntime: PodRuntime;
  log: (line: string) => void;
}

/**
 * What happens on the cluster's nodes beyond KWOK's simulation. Started inside the cluster's namespaces.
 *
 * | route            | body                         | answer                          |
 * | ---------------- | ---------------------------- | ------------------------------- |
 * | `GET /pods`      |                              | `PodStatus[]`                   |
 * | `POST /run`      | `ProgramRequest`             | `ProgramResult`, when it ended  |
 * | `POST /allowed`  | `AllowedRequest`             | `AllowedAnswer`                 |
 * | `GET /services`  |                              | `ServicesInForce`               |
 * | `GET /memory-limits` |                          | `{enforced, reason?}`           |
 *
 * Those of the pods' runtime come on top.
 */
export async function startNodeServices({ kubeConfig, dir, podRuntime, log }: NodeServicesOptions): Promise<{
  routes: Record<string, Handler>;
  /** Where a port of a Service (`namespace/name:port`) is served; undefined while it has no endpoint. */
  serviceAddress: (id: string) => { host: string; port: number } | undefined;
  /** Ends every process of every pod, each with its grace period, those that are processes first. */
  stop: () => Promise<void>;
}> {
  const view = await watchNodeView(kubeConfig, log);
  const hosts = hostsFiles(view.services, log);
  const cgroups = memoryCgroups(dir);
  if (!cgroups.enforced) log(cgroups.reason);
  const { programs: images, routes } = podRuntime;
  const kubelet = startKubelet({ view, dir, programs: images, hosts, cgroups, log });
  const policies = policyDecisions(view, () => [...kubelet.running().values()].map(({ pod }) => pod));
  const { processes } = kubelet;
  const proxy = startKubeProxy({ view, processes, refusal: policies.refusal, log });
  const programs = podPrograms(view, hosts, dir);
  return {
    routes: {
      ...routes,
      "GET /pods": () => reportPods(view, kubelet, images),
      "POST /run": (body) => programs.run(body as ProgramRequest),
      "GET /memory-limits": () =>
        Promise.resolve(cgroups.enforced ? { enforced: true } : { enforced: false, reason: cgroups.reason }),
      "GET /services": () => Promise.resolve({ ports: proxy.inForce(), pending: proxy.isPending() }),
      "POST /allowed": (body) => Promise.resolve(policies.allowed(body as AllowedRequest)),
    },
    serviceAddress: (id) => {
      const served = proxy.inForce().find((port) => port.id === id);
      return served?.endpoints.length ? { host: served.address, port: served.port } : undefined;
    },
    stop: async () => {
      await programs.stop();
      await kubelet.stop();
      if (cgroups.enforced) cgroups.remove();
      await proxy.stop();
      await view.stop();
    },
  };
}
