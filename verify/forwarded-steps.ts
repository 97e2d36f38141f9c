import type { DeepFlowPart, PartAddress } from "./deepflow/addresses.ts";
import type { StepId } from "./finding.ts";

/** The parts of DeepFlow that a step asks. */
const asked: Readonly<Partial<Record<StepId, readonly DeepFlowPart[]>>> = {
  agents: ["controller", "agent"],
  spans: ["querier"],
  untagged: ["querier"],
  collectorTagged: ["querier"],
  trace: ["querier", "app"],
};

/** The steps that have no answer without the cluster, because a port-forward leads to whom they ask. */
export function forwardedSteps(addresses: Readonly<Record<DeepFlowPart, PartAddress>>): StepId[] {
  return (Object.entries(asked) as [StepId, readonly DeepFlowPart[]][])
    .filter(([, parts]) => parts.some((part) => !("url" in addresses[part])))
    .map(([id]) => id);
}
