import { objectsOf } from "../render/objects.ts";
import { stackIn } from "../render/stack.ts";
import type { Finding } from "./finding.ts";
import { kubeScoreFindings } from "./kube-score.ts";
import type { Rendering } from "./rule.ts";
import { ownFindings } from "./rules.ts";

/**
 * What rules judge of the stack that `Pulumi.<name>.yaml` in a folder describes. Calls must not overlap.
 *
 * @throws Error, a sentence, if there is no such file or it does not fit.
 */
export async function renderingOf(folder: string, name: string): Promise<Rendering> {
  const stack = stackIn(folder, name);
  return { stack, objects: await objectsOf(stack, name) };
}

/** Everything that the project's rules and kube-score find in a rendering, sorted by object. */
export async function findingsIn(rendering: Rendering, kubeScore: string): Promise<Finding[]> {
  const findings = [...ownFindings(rendering), ...(await kubeScoreFindings(kubeScore, rendering.objects))];
  return findings.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ object, rule, problem }: Finding): string {
  return [object, rule, problem].join("\n");
}
