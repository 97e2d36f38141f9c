import { renderingOf } from "../../policy/check.ts";
import type { Rendering } from "../../policy/rule.ts";
import type { KubernetesObject } from "../../render/objects.ts";
import { goldenStacks } from "../goldens/goldens.ts";

/** What rules judge of a sample stack. */
export function sample(stack: string): Promise<Rendering> {
  return renderingOf(goldenStacks[stack] ?? "", stack);
}

/**
 * A rendering in which one object's JSON has a text replaced.
 *
 * @throws Error if there is no such object or text: a test that changes nothing proves nothing.
 */
export function withChange(
  { stack, objects }: Rendering,
  kind: string,
  name: string,
  from: string,
  to: string,
): Rendering {
  const changed = objects.map((object) => {
    if (object.kind !== kind || !object.metadata.name.startsWith(name)) return object;
    const text = JSON.stringify(object);
    if (!text.includes(from)) throw new Error(`${kind} ${name} has no ${from}.`);
    return JSON.parse(text.replace(from, () => to)) as KubernetesObject;
  });
  if (changed.every((object, index) => object === objects[index])) throw new Error(`No ${kind} ${name}.`);
  return { stack, objects: changed };
}
