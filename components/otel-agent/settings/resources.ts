import { Quantity } from "../../quantity.ts";
import { quantity, quantityThat } from "../../schema/primitives.ts";
import { inWords, rule, setting, settingsWithDefaults } from "../../schema/setting.ts";
import { leastMemoryMib } from "../memory.ts";

function cpu(value: string, description: string) {
  return setting(quantity.prefault(value), "a quantity of CPU in quotes, such as 500m or 2", description);
}

/** A memory limit or request in the spelling of Kubernetes. */
export function memory(value: string, leastMib: number, description: string) {
  const expected = `a quantity of memory of at least ${leastMib}Mi, such as 512Mi or 1Gi`;
  const enough = ({ mebibytesWithin }: Quantity) => mebibytesWithin >= leastMib;
  return setting(quantityThat(enough).prefault(value), expected, description);
}

/** A request above its limit is refused by the API server; here it is an error that names both. */
function withinLimit(name: "cpu" | "memory") {
  type Given = Partial<Record<"requests" | "limits", Partial<Record<"cpu" | "memory", unknown>>>>;
  return rule<Given>(
    ["requests", name],
    ({ requests, limits }) => {
      const [request, limit] = [requests?.[name], limits?.[name]];
      return !(request instanceof Quantity && limit instanceof Quantity) || request.milli <= limit.milli;
    },
    ({ limits }) =>
      `limits.${name} is ${inWords(limits?.[name])}; write no more than that, or raise the limit`,
  );
}

export const resources = settingsWithDefaults(
  {
    requests: settingsWithDefaults(
      {
        cpu: cpu("100m", "CPU that the scheduler reserves."),
        memory: memory("128Mi", 1, "Memory that the scheduler reserves."),
      },
      "What the scheduler reserves per pod.",
    ),
    limits: settingsWithDefaults(
      {
        cpu: cpu("1", "CPU at most. GOMAXPROCS is made from it."),
        memory: memory(
          "512Mi",
          leastMemoryMib,
          "Memory at most. GOMEMLIMIT, the memory limiter and the queue are sized from it.",
        ),
      },
      "What a pod may use.",
    ),
  },
  "Resources of the Collector's container.",
)
  .refine(...withinLimit("cpu"))
  .refine(...withinLimit("memory"));
