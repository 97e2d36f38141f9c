import { z } from "zod";
import { quantityThat } from "../../schema/primitives.ts";
import { rule, setting, settingsWithDefaults } from "../../schema/setting.ts";

/** A queue smaller than this holds a second of a busy node at most. */
const leastQueueMib = 16;

/** Where spans wait while DeepFlow is away (`deepflow-otel:otelAgent.queue`). */
export const queue = settingsWithDefaults(
  {
    storage: setting(
      z.enum(["memory", "pod", "node"]).default("memory"),
      "memory, pod or node",
      "Where spans wait for DeepFlow. `memory`: they end with the Collector's process. `pod`: a volume of the pod, which outlives a crash, an OOM kill and a failed probe. `node`: a folder of the node, which outlives the pod too, for Collectors on every node; it needs Pod Security level `privileged`, and a rollout leaves each node without a Collector for some seconds.",
    ),
    size: setting(
      quantityThat(({ mebibytesWithin }) => mebibytesWithin >= leastQueueMib).optional(),
      `a quantity of at least ${leastQueueMib}Mi, such as 256Mi or 1Gi`,
      "OTLP that may wait on the disk, 256Mi where it is left out; the file becomes up to twice as large. A queue in memory is a tenth of the memory limit.",
    ),
  },
  "The queue of spans that DeepFlow has not taken yet.",
).refine(
  ...rule<{ storage?: unknown; size?: unknown }>(
    ["size"],
    ({ storage, size }) => size === undefined || storage === "pod" || storage === "node",
    () =>
      "storage is memory, where the queue is a tenth of resources.limits.memory; write storage pod or node, or leave size out",
  ),
);
