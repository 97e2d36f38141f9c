/** What each step of the ladder is about, in the order in which things break. */
export const stepIds = [
  "objects",
  "agentGroup",
  "agents",
  "spans",
  "untagged",
  "collectorTagged",
  "trace",
] as const;

export type StepId = (typeof stepIds)[number];

/** Something is not as it should be. */
export interface Failed {
  readonly state: "failed";
  /** What was seen, in sentences. */
  readonly saw: string;
  /** What that means. */
  readonly means: string;
  /** What to do about it. */
  readonly fix: string;
  /** Whether waiting may help: pods start, spans are on their way. */
  readonly mayPass: boolean;
  /** Steps that have no answer while this is so. */
  readonly blocks?: readonly StepId[];
}

/** What a step found. */
export type Finding =
  | { readonly state: "passed"; readonly saw: string }
  /** There is nothing to ask, by the stack's settings. */
  | { readonly state: "skipped"; readonly saw: string }
  | Failed
  /** An earlier step failed in such a way that this one has no answer. */
  | { readonly state: "notAsked"; readonly saw: string };

/** What there is to say to an error of whoever is asked. */
export type Unanswered = Omit<Failed, "state" | "saw" | "mayPass">;

/** A step and what it found. */
export interface StepResult {
  readonly id: StepId;
  /** Its place in the ladder, from 1. */
  readonly number: number;
  readonly title: string;
  readonly finding: Finding;
}
