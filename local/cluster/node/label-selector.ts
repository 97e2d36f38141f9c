import type { V1LabelSelector, V1LabelSelectorRequirement } from "@kubernetes/client-node";

export type Labels = Readonly<Record<string, string>>;

/**
 * Whether a label selector selects an object with these labels. The empty one selects everything, and so does
 * none: those of NetworkPolicies may be left out, which means the same.
 */
export function selects(selector: V1LabelSelector | undefined, labels: Labels): boolean {
  // A map: a label may have the name of something that every object has, such as `constructor`.
  const values = new Map(Object.entries(labels));
  return (
    Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => values.get(key) === value) &&
    (selector?.matchExpressions ?? []).every((requirement) => meets(requirement, values.get(requirement.key)))
  );
}

/** `NotIn` holds without the label, too. */
function meets(
  { key, operator, values = [] }: V1LabelSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw new Error(
        `The label selector's operator ${operator} for ${key} is unknown; use In, NotIn, Exists or DoesNotExist.`,
      );
  }
}
