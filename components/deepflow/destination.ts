import { nodeHost, type Destination } from "../destination.ts";
import { deepFlowSettings, type DeepFlowSettings } from "./settings.ts";

/**
 * Path at which deepflow-agents take OTLP traces; they answer 404 elsewhere
 * (`agent/src/integration_collector.rs`).
 */
const tracesPath = "/api/v1/otel/trace";

/** Name of the stack's own Service in front of the deepflow-agents: told apart by the stack's namespace. */
export function nodeLocalServiceName(stackNamespace: string): string {
  return `deepflow-agent-for-${stackNamespace}`;
}

/**
 * DeepFlow's Destination as a stack's settings say. It takes OTLP/HTTP with protobuf bodies only: there is no
 * OTLP/gRPC.
 *
 * It names no pods, so that a NetworkPolicy allows its port and not certain pods: deepflow-agents with
 * `hostNetwork: true`, as DeepFlow's chart 6.1.8 has them, are no pods to a policy, and a Collector that
 * cannot reach them loses every span without a word.
 *
 * @param stackNamespace namespace that the stack deploys to.
 */
export function deepFlowDestination(settings: DeepFlowSettings, stackNamespace: string): Destination {
  const destination = uncompressed(settings, stackNamespace);
  return settings.compression === "gzip" ? { ...destination, compression: "gzip" } : destination;
}

function uncompressed(settings: DeepFlowSettings, stackNamespace: string): Destination {
  const { targetPort } = settings;
  const at = (port: number) => ({ "http/protobuf": { port, targetPort, tracesPath } });
  switch (settings.type) {
    case "service":
      return { host: `${settings.service}.${settings.namespace}`, endpoints: at(settings.port) };
    case "nodeLocalService": {
      const host = `${nodeLocalServiceName(stackNamespace)}.${settings.namespace}`;
      return { host, endpoints: at(settings.port) };
    }
    case "node":
      return { host: nodeHost, endpoints: at(targetPort) };
    case "url":
      return urlDestination(new URL(settings.url), targetPort);
  }
}

/** DeepFlow as its Helm chart installs it. */
export const chartDestination = deepFlowDestination(deepFlowSettings.parse(undefined), "");

/**
 * A URL's host is either outside the cluster, where a policy sees the port that is dialled, or a Service
 * `name.namespace.svc`, where it sees the port of the pods behind it.
 */
function urlDestination({ protocol, hostname, port, pathname, search }: URL, podPort: number): Destination {
  const isService = /^[^.]+\.[^.]+\.svc(?:\.|$)/.test(hostname);
  const scheme = protocol === "https:" ? "https" : "http";
  const number = port === "" ? { http: 80, https: 443 }[scheme] : Number(port);
  const targetPort = isService ? podPort : number;
  return {
    host: hostname,
    scheme,
    endpoints: { "http/protobuf": { port: number, targetPort, tracesPath: pathname + search } },
  };
}
