import { nodeHost, type Destination } from "../../components/destination.ts";
import type { Stack } from "../../stack.ts";
import type { KubectlOptions } from "../kubernetes/kubectl.ts";
import { portForward, type ForwardTarget, type PortForward } from "../kubernetes/port-forward.ts";

/** The parts of DeepFlow that are asked. */
export const deepFlowParts = ["controller", "agent", "querier", "app"] as const;

export type DeepFlowPart = (typeof deepFlowParts)[number];

/** Where a part is: its base URL, or what a port-forward leads to. */
export type PartAddress = { readonly url: string } | ForwardTarget;

/** Opens a way to a part, and returns its base URL. */
export type Reach = (part: DeepFlowPart) => Promise<string>;

/**
 * Where DeepFlow's parts are: what is given, then what the stack's settings say, then the Services of
 * DeepFlow's Helm chart by port-forward (deepflow-charts `charts/deepflow/values.yaml`).
 *
 * @param given base URLs of parts.
 * @param namespace DeepFlow's own.
 */
export function partAddresses(
  { otelAgent, agentGroup, applications }: Stack,
  given: Readonly<Partial<Record<DeepFlowPart, string>>>,
  namespace: string,
): Record<DeepFlowPart, PartAddress> {
  const controller = agentGroup?.controller;
  const service = (resource: string, port: number) => ({ resource, namespace, port });
  const settings: Record<DeepFlowPart, PartAddress> = {
    controller: controller
      ? { url: `http://${hostInUrl(controller.host)}:${controller.port ?? 30417}` }
      : service("service/deepflow-server", 20417),
    agent: agentAddress(otelAgent?.deepFlow ?? agentGroup?.deepFlow ?? applications, namespace),
    querier: service("service/deepflow-server", 20416),
    app: service("service/deepflow-app", 20418),
  };
  const entries = deepFlowParts.map((part) => {
    const url = given[part];
    return [part, url === undefined ? settings[part] : { url: url.replace(/\/+$/, "") }] as const;
  });
  return Object.fromEntries(entries) as Record<DeepFlowPart, PartAddress>;
}

/** Where the spans go that a stack hands to DeepFlow, seen from outside the cluster. */
function agentAddress({ host, scheme = "http", endpoints }: Destination, namespace: string): PartAddress {
  const { port = 80, targetPort = 38086, tracesPath } = endpoints["http/protobuf"] ?? {};
  const chart = { resource: "service/deepflow-agent", namespace, port: 80 };
  // A stack whose applications send to another stack's Collectors does not say where those send to.
  if (tracesPath === "/v1/traces" && endpoints.grpc) return chart;
  if (host === nodeHost) return { resource: "daemonset/deepflow-agent", namespace, port: targetPort };
  const [, name, serviceNamespace] = /^([^.]+)\.([^.]+)(?:\.svc(?:\..*)?)?$/.exec(host) ?? [];
  if (name === undefined || serviceNamespace === undefined || /^\d+$/.test(serviceNamespace))
    return { url: `${scheme}://${hostInUrl(host)}:${port}` };
  return { resource: `service/${name}`, namespace: serviceNamespace, port };
}

function hostInUrl(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** Ways to parts, opened when they are needed and kept; one that ended is opened anew. */
export function reachParts(
  addresses: Readonly<Record<DeepFlowPart, PartAddress>>,
  options: KubectlOptions,
): { reach: Reach; close: () => void } {
  const open = new Map<DeepFlowPart, PortForward>();
  return {
    reach: async (part) => {
      const address = addresses[part];
      if ("url" in address) return address.url;
      const kept = open.get(part);
      if (kept?.ended() === false) return kept.url;
      const forward = await portForward(address, options);
      open.set(part, forward);
      return forward.url;
    },
    close: () => {
      for (const forward of open.values()) forward.close();
    },
  };
}
