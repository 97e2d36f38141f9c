import { z } from "zod";
import { inWords, isMap, rule } from "../../schema/setting.ts";
import { processorProblem } from "../custom-components.ts";
import { gatewayCount } from "../gateway.ts";
import { topologies, type CollectorTopology } from "../topology.ts";
import { problems } from "./rules.ts";
import type { OtelAgentSettings } from "./settings.ts";

interface Root {
  readonly topology: CollectorTopology | "direct";
  readonly otelAgent: OtelAgentSettings;
}

/** Rules between the topology and the Collector's settings, as checks for a schema that has both. */
export const topologyRules = [
  rule<Root>(
    ["otelAgent", "serviceType"],
    ({ topology, otelAgent }) => {
      if (!hasCollectors(topology) || !isMap(otelAgent) || otelAgent.serviceType === "ClusterIP") return true;
      return (otelAgent.association ?? topologies[topology].association) === "resource";
    },
    () =>
      "behind it the Collector sees the node's or load balancer's address instead of the pod's; write ClusterIP, or set otelAgent.association to resource",
  ),
  rule<Root>(
    ["otelAgent", "gateway"],
    ({ topology, otelAgent }) =>
      topology === "gateway" ||
      !isMap(otelAgent) ||
      !isMap(otelAgent.gateway) ||
      Object.keys(otelAgent.gateway).length === 0,
    ({ topology }) =>
      `topology ${inWords(topology)} has no gateways; write topology gateway, or leave these settings out`,
  ),
  rule<Root>(
    ["otelAgent", "queue", "storage"],
    ({ topology, otelAgent }) =>
      topology !== "gateway" ||
      !isMap(otelAgent) ||
      !isMap(otelAgent.queue) ||
      otelAgent.queue.storage !== "node",
    () => "a gateway's pods come back on any node, or two on one; write pod, or topology agent",
  ),
  rule<Root>(
    ["otelAgent", "processors"],
    (root) => processorProblems(root) === "",
    (root) => processorProblems(root),
  ),
].map((parts) => z.refine(...parts));

function processorProblems({ topology, otelAgent }: Root): string {
  if (!hasCollectors(topology) || !isMap(otelAgent)) return "";
  const collectors =
    topology === "gateway" && isMap(otelAgent.gateway) ? gatewayCount(otelAgent.gateway) : Infinity;
  return problems(otelAgent.processors, (name, config) =>
    processorProblem(name, config, { topology, collectors }),
  );
}

function hasCollectors(topology: unknown): topology is CollectorTopology {
  return typeof topology === "string" && Object.hasOwn(topologies, topology);
}
