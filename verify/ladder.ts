import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "../components/error-message.ts";
import type { Finding, StepId, StepResult, Unanswered } from "./finding.ts";

/** One question. */
export interface LadderStep {
  readonly id: StepId;
  readonly title: string;
  readonly ask: () => Promise<Finding>;
  /** What it means that nobody answers. */
  readonly unanswered: Unanswered;
}

export interface LadderOptions {
  /** When to stop asking again, in milliseconds since 1970. Every step is asked once. */
  readonly deadline: number;
  /** Shows a step while `work` asks it; what `report` is told is how far it is. */
  readonly show: (
    title: string,
    work: (report: (text: string) => void) => Promise<Finding>,
  ) => Promise<Finding>;
  readonly signal: AbortSignal;
  /** Milliseconds between two questions; 3 s unless told otherwise. */
  readonly intervalMs?: number;
}

/**
 * Asks one step after the other, and again what waiting may help, until the deadline. A failed step does not
 * keep later ones from being asked, but those that have no answer without it.
 */
export async function climb(steps: readonly LadderStep[], options: LadderOptions): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    options.signal.throwIfAborted();
    const blocking = results.find(({ finding }) => blocks(finding, step.id));
    const finding: Finding = blocking
      ? { state: "notAsked", saw: `Not asked: it has no answer while step ${blocking.number} fails.` }
      : await options.show(step.title, (report) => askUntil(step, options, report));
    results.push({ id: step.id, number: index + 1, title: step.title, finding });
  }
  return results;
}

/** Whether nothing failed, and nothing could not be asked. */
export function isRight(results: readonly StepResult[]): boolean {
  return results.every(({ finding: { state } }) => state === "passed" || state === "skipped");
}

function blocks(finding: Finding, id: StepId): boolean {
  return finding.state === "failed" && (finding.blocks?.includes(id) ?? false);
}

async function askUntil(
  step: LadderStep,
  { deadline, signal, intervalMs = 3_000 }: LadderOptions,
  report: (text: string) => void,
): Promise<Finding> {
  for (;;) {
    const finding = await unlessAborted(answered(step), signal);
    if (finding.state !== "failed" || !finding.mayPass || Date.now() + intervalMs > deadline) return finding;
    report(`${finding.saw} Asked again for ${Math.ceil((deadline - Date.now()) / 1000)} s`);
    await unlessAborted(delay(intervalMs), signal);
  }
}

/** What comes of `work`, or at once the reason of the signal: nobody waits for an answer after Ctrl-C. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function answered({ ask, unanswered }: LadderStep): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    return { state: "failed", saw: sentence(errorMessage(error)), mayPass: true, ...unanswered };
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
