import { deepFlowDestination } from "../deepflow/destination.ts";
import { deepFlowSettings } from "../deepflow/settings.ts";
import type { Destination } from "../destination.ts";
import { imageReference } from "../image.ts";
import { mebibytesWithin, parseQuantity } from "../quantity.ts";
import { pathText, sentencesOf } from "../schema/sentences.ts";
import { SettingsError } from "../schema/settings-error.ts";
import type { OtelAgentArgs } from "./args.ts";
import { configSyntaxOf, versionOf, withDefaultTag } from "./collector-version.ts";
import { otelAgentLabels } from "./destination.ts";
import { collectorSettings } from "./settings/collector.ts";
import { topologies, watchScope } from "./topology.ts";

/**
 * Everything that the objects of an `OtelAgent` are made from: its arguments with their defaults, what a topology decides where they do not,
 * how the Collector's version is configured, the memory limit as a number.
 *
 * @throws SettingsError with a sentence for each argument that cannot be used.
 */
export function resolveOtelAgent({ deepFlow, imageRegistry, topology, ...given }: OtelAgentArgs) {
  const input = { ...(topology !== undefined && { topology }), otelAgent: given };
  const result = collectorSettings.safeParse(input);
  if (!result.success)
    throw new SettingsError(sentencesOf(collectorSettings, input, result.error, sentences));
  const { otelAgent: args, topology: where } = result.data;
  const association = args.association ?? topologies[where].association;
  const version = versionOf(args.image, args.version);
  const syntax = version && configSyntaxOf(version);
  const memoryLimit = parseQuantity(args.resources.limits.memory);
  if (!syntax || !memoryLimit) throw new Error("Settings that were checked have no version or memory limit.");
  const { labels, selector } = otelAgentLabels;
  return {
    ...args,
    topology: where,
    association,
    syntax,
    labels,
    selector,
    image: imageReference(withDefaultTag(args.image), imageRegistry),
    destination: deepFlow ?? defaultDeepFlow(args.namespace),
    memoryLimitMib: mebibytesWithin(memoryLimit),
    tolerations: args.tolerations ?? topologies[where].tolerations,
    watchesPods: watchScope(where, association) !== "none",
    fromOutside: args.serviceType !== "ClusterIP",
    hasCustomExporters: Object.keys(args.exporters).length > 0,
    samplingPercentage: args.sampling?.percentage,
  };
}

export type ResolvedOtelAgent = ReturnType<typeof resolveOtelAgent>;

/** DeepFlow as its Helm chart installs it. */
function defaultDeepFlow(namespace: string): Destination {
  return deepFlowDestination(deepFlowSettings.parse(undefined), namespace);
}

const sentences = {
  keyOf: ([, ...path]: readonly PropertyKey[]) => `OtelAgent's ${pathText(path)}`,
  isSecret: () => false,
};
