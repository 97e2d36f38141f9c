import type { Finding } from "./finding.ts";

/** Findings of one rule that are kept, on objects of some kinds that belong to one component. */
export interface Acceptance {
  readonly rule: string;
  readonly kinds: readonly string[];
  /** The objects' label `app.kubernetes.io/component`. */
  readonly component: string;
  /** Why, in sentences. */
  readonly reason: string;
}

/** A finding that is kept, with the reason. */
export interface AcceptedFinding extends Finding {
  readonly reason: string;
}

/** Findings in two parts: those to mend, and those that a list accepts. */
export function judged(
  findings: readonly Finding[],
  accepted: readonly Acceptance[],
): { readonly open: Finding[]; readonly accepted: AcceptedFinding[] } {
  const reasonOf = (finding: Finding) => accepted.find((entry) => covers(entry, finding))?.reason;
  return {
    open: findings.filter((finding) => reasonOf(finding) === undefined),
    accepted: findings.flatMap((finding) => {
      const reason = reasonOf(finding);
      return reason === undefined ? [] : [{ ...finding, reason }];
    }),
  };
}

/**
 * Sentences about kinds of a list's entries that match no finding: what they excused was mended, so they are
 * to go before they excuse something else. To be asked with the findings of many stacks, as one alone does
 * not have everything.
 */
export function unusedAcceptances(findings: readonly Finding[], accepted: readonly Acceptance[]): string[] {
  return accepted.flatMap((entry) =>
    entry.kinds
      .filter((kind) => !findings.some((finding) => covers({ ...entry, kinds: [kind] }, finding)))
      .map(
        (kind) =>
          `${entry.rule} is accepted for ${kind} of ${entry.component} and no longer found there; take it out of policy/accepted.ts.`,
      ),
  );
}

function covers({ rule, kinds, component }: Acceptance, finding: Finding): boolean {
  return rule === finding.rule && kinds.includes(finding.kind) && component === finding.component;
}
