import type { KubernetesObject } from "../render/objects.ts";
import type { Stack } from "../stack.ts";
import type { Finding } from "./finding.ts";

/** What rules judge: a stack as resolved, and the objects that it renders. */
export interface Rendering {
  readonly stack: Stack;
  readonly objects: readonly KubernetesObject[];
}

/** A rule about rendered objects: a pure function that returns what is against it. */
export type Rule = (rendering: Rendering) => Finding[];
