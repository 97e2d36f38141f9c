/** Statements of a `transform` processor that run together, for whatever the conditions hold. */
export interface StatementGroup {
  readonly context: "resource" | "scope" | "span" | "spanevent";
  readonly conditions?: readonly string[];
  readonly statements: readonly string[];
}

/** Name of the stack's own transform processor, the last that may change a span. */
export const transformName = "transform/deepflow";

/**
 * A `transform` processor. A statement that does not fit one span must not cost the others, hence `ignore`.
 */
export function transform(trace_statements: readonly StatementGroup[]) {
  return { error_mode: "ignore", trace_statements };
}
