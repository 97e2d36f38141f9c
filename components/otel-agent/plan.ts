import { mebibytes, parseQuantity } from "../quantity.ts";
import { dialectOf, versionOf, withDefaultTag } from "./collector-version.ts";
import type { OtelAgentArgs } from "./otel-agent.ts";
import { topologies, watchScope } from "./topology.ts";

/**
 * Everything that follows from the settings of an `OtelAgent` and that several of its objects need: what a topology decides where a
 * stack does not, the version's dialect, the memory limit as a number.
 *
 * @throws Error, a sentence, for an image whose version is unknown or too old; settings have been checked for that before.
 */
export function otelAgentPlan(args: OtelAgentArgs) {
  const association = args.association ?? topologies[args.topology].association;
  const version = versionOf(args.image, args.version);
  const dialect = version && dialectOf(version);
  if (!dialect) throw new Error("The Collector's version is unknown or too old; set otelAgent.version.");
  const memoryLimit = parseQuantity(args.resources.limits.memory);
  if (!memoryLimit)
    throw new Error(`"${args.resources.limits.memory}" is no quantity; write one such as 512Mi.`);
  return {
    ...args,
    association,
    dialect,
    image: withDefaultTag(args.image),
    memoryLimitMib: mebibytes(memoryLimit),
    tolerations: args.tolerations ?? topologies[args.topology].tolerations,
    watchesPods: watchScope(args.topology, association) !== "none",
    fromOutside: args.serviceType !== "ClusterIP",
    ownExporters: Object.keys(args.exporters).length > 0,
    samplingPercentage: args.sampling?.percentage,
  };
}
