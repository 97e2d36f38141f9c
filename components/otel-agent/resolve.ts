import { chartDestination } from "../deepflow/destination.ts";
import { imageReference } from "../image.ts";
import { parseArgs } from "../schema/args.ts";
import type { OtelAgentArgs } from "./args.ts";
import { configSyntaxOf, versionOf, withDefaultTag } from "./collector-version.ts";
import { otelAgentLabels } from "./destination.ts";
import { goEnvironment } from "./go-environment.ts";
import { collectorSettings } from "./settings/collector.ts";
import { topologies, watchScope } from "./topology.ts";

/**
 * Everything that the objects of an `OtelAgent` are made from: its arguments with their defaults, what a
 * topology decides where they do not, how the Collector's version is configured, the memory limit as a
 * number.
 *
 * @throws SettingsError with a sentence for each argument that cannot be used.
 */
export function resolveOtelAgent({ deepFlow, imageRegistry, topology, ...given }: OtelAgentArgs) {
  const input = { ...(topology !== undefined && { topology }), otelAgent: given };
  const { otelAgent: args, topology: where } = parseArgs(collectorSettings, input, "OtelAgent", 1);
  const association = args.association ?? topologies[where].association;
  const watches = watchScope(where, association);
  const { limits } = args.resources;
  const memoryLimitMib = limits.memory.mebibytesWithin;
  const version = versionOf(args.image, args.version);
  const syntax = version && configSyntaxOf(version);
  if (!syntax) throw new Error("Settings that were checked have no version.");
  const { labels, selector } = otelAgentLabels;
  return {
    ...args,
    topology: where,
    association,
    syntax,
    labels,
    selector,
    image: imageReference(withDefaultTag(args.image), imageRegistry),
    destination: deepFlow ?? chartDestination,
    memoryLimitMib,
    goEnvironment: goEnvironment({ memoryLimitMib, cpuLimit: limits.cpu, watches }),
    tolerations: args.tolerations ?? topologies[where].tolerations,
    watchesPods: watches !== "none",
    fromOutside: args.serviceType !== "ClusterIP",
    hasCustomExporters: Object.keys(args.exporters).length > 0,
    samplingPercentage: args.sampling?.percentage,
    // A folder of the node is forbidden to all others.
    podSecurity: args.queue.storage === "node" ? ("privileged" as const) : ("restricted" as const),
  };
}

export type ResolvedOtelAgent = ReturnType<typeof resolveOtelAgent>;
