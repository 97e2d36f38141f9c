import type { KubeConfig } from "@kubernetes/client-node";
import type { Handler } from "./control.ts";
import { hostsFiles } from "../node/hosts.ts";
import { startKubelet } from "../node/kubelet.ts";
import { startKubeProxy } from "../node/kube-proxy.ts";
import { watchNodeView } from "../node/node-view.ts";
import { policed } from "../node/policed.ts";
import type { AllowedRequest } from "../node/policed.ts";
import { memoryCgroups } from "../node/memory-cgroup.ts";
import { podPrograms } from "../node/pod-program.ts";
import type { ProgramRequest } from "../node/pod-program.ts";
import { reportPods } from "../node/pod-status.ts";
import { controllerPort } from "../../deepflow/deepflow-server.ts";
import { Received } from "../../deepflow/received.ts";
import type { ReceivedQuery } from "../../deepflow/received.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";

export interface NodeServicesOptions {
  /** Administrator's access to the API server. */
  kubeConfig: KubeConfig;
  /** The cluster's folder: pods live in `pods`, their output is in `log/pods`. */
  dir: string;
  toolchain: Pick<Toolchain, "otelcols">;
  log: (line: string) => void;
}

/**
 * What happens on the cluster's nodes beyond KWOK's simulation. Started inside the cluster's namespaces.
 *
 * | route            | body                         | answer                          |
 * | ---------------- | ---------------------------- | ------------------------------- |
 * | `GET /pods`      |                              | `PodStatus[]`                   |
 * | `GET /received`  |                              | `ReceivedSpans`, all            |
 * | `POST /received` | `ReceivedQuery`              | `ReceivedSpans`, those asked for |
 * | `POST /run`      | `ProgramRequest`             | `ProgramResult`, when it ended  |
 * | `POST /allowed`  | `AllowedRequest`             | `AllowedAnswer`                 |
 * | `GET /services`  |                              | `ServicesInForce`               |
 * | `GET /memory-limits` |                          | `{enforced, reason?}`           |
 */
export async function startNodeServices({ kubeConfig, dir, toolchain, log }: NodeServicesOptions): Promise<{
  routes: Record<string, Handler>;
  /** Where the Service deepflow-server serves the controller's API; undefined while it has no ready endpoint. */
  deepFlowController: () => { host: string; port: number } | undefined;
  /** Ends every process of every pod, each with its grace period, the doors last. */
  stop: () => Promise<void>;
}> {
  const view = await watchNodeView(kubeConfig, log);
  const received = new Received();
  const hosts = hostsFiles(view.services, log);
  const cgroups = memoryCgroups(dir);
  if (!cgroups.enforced) log(cgroups.reason);
  const { otelcols } = toolchain;
  const kubelet = startKubelet({ view, dir, otelcols, hosts, received, cgroups, log });
  const policies = policed(view, () => [...kubelet.running().values()].map(({ pod }) => pod));
  const { processes } = kubelet;
  const proxy = startKubeProxy({ view, processes, refusal: policies.refusal, log });
  const programs = podPrograms(view, hosts, dir);
  return {
    routes: {
      "GET /pods": () => reportPods(view, kubelet),
      "GET /received": () => Promise.resolve(received.query({})),
      "POST /received": (body) => Promise.resolve(received.query((body ?? {}) as ReceivedQuery)),
      "POST /run": (body) => programs.run(body as ProgramRequest),
      "GET /memory-limits": () =>
        Promise.resolve(cgroups.enforced ? { enforced: true } : { enforced: false, reason: cgroups.reason }),
      "GET /services": () => Promise.resolve({ ports: proxy.inForce(), pending: proxy.isPending() }),
      "POST /allowed": (body) => Promise.resolve(policies.allowed(body as AllowedRequest)),
    },
    deepFlowController: () => {
      const served = proxy.inForce().find(({ id }) => id === `deepflow/deepflow-server:${controllerPort}`);
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
