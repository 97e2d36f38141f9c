import { z } from "zod";
import { labelKey, labelValue } from "../../schema/primitives.ts";
import { rule, setting, settings } from "../../schema/setting.ts";

/** A toleration as a pod has it, with the API server's own rules. */
export const toleration = settings(
  {
    key: setting(labelKey.optional(), "a taint's key", "Key of the taint; all where it is left out."),
    operator: setting(
      z.enum(["Exists", "Equal"]).optional(),
      "Exists or Equal",
      "How the value is compared.",
    ),
    value: setting(labelValue.optional(), "a taint's value", "Value of the taint, for operator Equal."),
    effect: setting(
      z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
      "NoSchedule, PreferNoSchedule or NoExecute",
      "Effect of the taint; all where it is left out.",
    ),
    tolerationSeconds: setting(
      z.int().min(0).optional(),
      "a whole number of seconds",
      "How long a pod stays on a node with such a taint.",
    ),
  },
  "A toleration as in a pod.",
)
  .refine(
    ...rule<{ operator?: unknown; value?: unknown }>(
      ["value"],
      ({ operator, value }) => operator !== "Exists" || value === undefined || value === "",
      () => "operator Exists tolerates every value; leave one of the two out",
    ),
  )
  .refine(
    ...rule<{ operator?: unknown; key?: unknown }>(
      ["key"],
      ({ operator, key }) => operator === "Exists" || key !== undefined,
      () => "only operator Exists tolerates taints of every key; write a key or that operator",
    ),
  )
  .refine(
    ...rule<{ effect?: unknown; tolerationSeconds?: unknown }>(
      ["tolerationSeconds"],
      ({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === "NoExecute",
      () => "only effect NoExecute evicts; set that effect or leave the seconds out",
    ),
  );
