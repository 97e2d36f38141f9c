import { portOf, type Demo } from "../../components/demo/table.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { AllowedAnswer } from "../cluster/node/policy-decisions.ts";
import type { ServicePod } from "./service-pods.ts";

/** Whom NetworkPolicies let connect to a pod, of the pods of its demo. */
export interface AllowedClients {
  /** Their addresses. */
  readonly allowedAddresses: readonly string[];
  /** Why they refuse the others, in sentences, by the names of the services. */
  readonly refusals: Readonly<Record<string, string>>;
}

/** What NetworkPolicies say of every two pods of a demo, by the name of the service that is called. */
export async function allowedClients(
  cluster: Cluster,
  { namespace, services }: Demo,
  servicePods: readonly ServicePod[],
): Promise<Record<string, AllowedClients>> {
  const allowedClientsOf = async (to: ServicePod, port: number): Promise<AllowedClients> => {
    const asked = servicePods.map(async (from) => {
      const request = {
        from: { namespace, pod: from.pod },
        to: { namespace, pod: to.pod },
        port,
      };
      return { from, ...((await cluster.control("POST", "/allowed", request)) as AllowedAnswer) };
    });
    const answers = await Promise.all(asked);
    return {
      allowedAddresses: answers.filter(({ allowed }) => allowed).map(({ from }) => from.podIp),
      refusals: Object.fromEntries(
        answers.flatMap(({ from, allowed, reason = "" }) => (allowed ? [] : [[from.service, reason]])),
      ),
    };
  };
  const called = servicePods.flatMap((to) => {
    const port = portOf(services[to.service]);
    return port === undefined ? [] : [{ to, port: port.number }];
  });
  const answers = called.map(async ({ to, port }) => [to.service, await allowedClientsOf(to, port)] as const);
  return Object.fromEntries(await Promise.all(answers));
}
