import type { Image } from "../../image.ts";
import { defaultVersion, configSyntaxOf, oldestVersion, versionOf } from "../collector-version.ts";
import { exporterProblem, processorProblem } from "../custom-components.ts";
import { gatewayCount } from "../gateway.ts";
import { topologies, type CollectorTopology } from "../topology.ts";
import type { OtelAgentSettings } from "./settings.ts";
import { inWords, rule } from "../../schema/setting.ts";

/** Namespaces that every cluster has, so that creating one of them fails. */
const standardNamespaces: readonly unknown[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** An image as it may have been written; a part of another type is another rule's error. */
interface Given {
  readonly image?: Image;
  readonly version?: string;
  readonly exporters?: unknown;
  readonly namespace?: unknown;
  readonly createNamespace?: unknown;
}

/** Rules between the settings of the Collector. */
export const collectorRules = {
  createNamespace: rule<Given>(
    ["createNamespace"],
    ({ namespace, createNamespace }) => createNamespace !== true || !standardNamespaces.includes(namespace),
    ({ namespace }) =>
      `every cluster has the namespace ${inWords(namespace)}; write false, or another namespace`,
  ),
  version: rule<Given>(
    ["version"],
    (given) => !namesVersion(given) || versionOf(given.image, given.version) !== undefined,
    ({ image }) => {
      const reason = image?.tag === undefined ? "a digest alone does" : `the image tag ${image.tag} does`;
      return `${reason} not say the version of the Collector; write it, such as ${defaultVersion}`;
    },
  ),
  oldVersion: rule<Given>(
    ["image", "tag"],
    (given) => {
      const found = namesVersion(given) ? versionOf(given.image, given.version) : undefined;
      return found === undefined || configSyntaxOf(found) !== undefined;
    },
    () =>
      `before ${oldestVersion} a Collector is configured in other ways, and up to 0.103 it cannot extract k8s.pod.ip, which app.host.ip is made from; write ${oldestVersion} or newer`,
  ),
  exporters: rule<Given>(
    ["exporters"],
    ({ exporters }) => problems(exporters, exporterProblem) === "",
    ({ exporters }) => problems(exporters, exporterProblem),
  ),
};

interface Root {
  readonly topology: CollectorTopology | "direct";
  readonly otelAgent: OtelAgentSettings;
}

/** Rules between the topology and the Collector's settings, for the schema that has both. */
export const topologyRules = {
  serviceType: rule<Root>(
    ["otelAgent", "serviceType"],
    ({ topology, otelAgent }) => {
      if (!hasCollectors(topology) || !isMap(otelAgent) || otelAgent.serviceType === "ClusterIP") return true;
      return (otelAgent.association ?? topologies[topology].association) === "resource";
    },
    () =>
      "behind it the Collector sees the node's or load balancer's address instead of the pod's; write ClusterIP, or set otelAgent.association to resource",
  ),
  gateway: rule<Root>(
    ["otelAgent", "gateway"],
    ({ topology, otelAgent }) =>
      topology === "gateway" ||
      !isMap(otelAgent) ||
      !isMap(otelAgent.gateway) ||
      Object.keys(otelAgent.gateway).length === 0,
    ({ topology }) =>
      `topology ${inWords(topology)} has no gateways; write topology gateway, or leave these settings out`,
  ),
  processors: rule<Root>(
    ["otelAgent", "processors"],
    (root) => processorProblems(root) === "",
    (root) => processorProblems(root),
  ),
};

function processorProblems({ topology, otelAgent }: Root): string {
  if (!hasCollectors(topology) || !isMap(otelAgent)) return "";
  const collectors =
    topology === "gateway" && isMap(otelAgent.gateway) ? gatewayCount(otelAgent.gateway) : Infinity;
  return problems(otelAgent.processors, (name, config) =>
    processorProblem(name, config, { topology, collectors }),
  );
}

/** What is wrong with components of a stack's own, in one text; empty if nothing is. */
function problems(
  components: unknown,
  problemOf: (name: string, config: unknown) => string | undefined,
): string {
  if (!isMap(components)) return "";
  return Object.entries(components)
    .flatMap(([name, config]) => problemOf(name, config) ?? [])
    .join("; and ");
}

function hasCollectors(topology: unknown): topology is CollectorTopology {
  return typeof topology === "string" && Object.hasOwn(topologies, topology);
}

/** Whether image and version have their types, so that one can look for the version in them. */
function namesVersion(given: Given): given is Given & { readonly image: Image } {
  const { image, version } = given;
  if (!isMap(image)) return false;
  return [image.tag, version].every((text) => text === undefined || typeof text === "string");
}

/** Rules run on whatever was written, so that a map may be anything. */
function isMap<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
