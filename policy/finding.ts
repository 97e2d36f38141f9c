import { identity, type KubernetesObject } from "../render/objects.ts";

/** Something about an object that a rule does not allow. */
export interface Finding {
  /** The rule's name: one of ours, or `kube-score/` with the id of its check. */
  readonly rule: string;
  /** `Kind namespace/name`, and the container where it is one's. */
  readonly object: string;
  readonly kind: string;
  /** The object's label `app.kubernetes.io/component`; none for objects without. */
  readonly component?: string | undefined;
  /** What is wrong, a sentence. */
  readonly problem: string;
  /** What to do, a sentence. */
  readonly advice: string;
}

interface Labelled {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}

/** A finding about an object; `part` is which container, port or key of it. */
export function findingOf(
  rule: string,
  object: KubernetesObject,
  problem: string,
  advice: string,
  part?: string,
): Finding {
  const { labels } = (object as KubernetesObject & Labelled).metadata;
  return {
    rule,
    object: part === undefined ? identity(object) : `${identity(object)}, ${part}`,
    kind: object.kind,
    component: labels?.["app.kubernetes.io/component"],
    problem,
    advice,
  };
}
