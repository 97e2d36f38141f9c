import type { Span } from "../deepflow/otlp.ts";

/** One span where it is drawn: the rows stand one below the other, children right after their parents. */
export interface WaterfallRow {
  readonly span: Span;
  /** How many ancestors stand above it. */
  readonly depth: number;
  /**
   * From the start of the trace's earliest span, which need not be the root: clocks differ. Never negative.
   */
  readonly offsetMs: number;
  /** Zero where a span ends before it starts. */
  readonly durationMs: number;
  /** It names a parent that is not in the trace. */
  readonly orphan: boolean;
}

export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  /** From the earliest start to the latest end. */
  readonly totalMs: number;
}

/**
 * The spans of a trace in the order that they are drawn in: a parent's children below it by start, each with
 * its own children. Every span has one row: one without a parent here is a further root, and so is one of a
 * circle.
 */
export function waterfall(spans: readonly Span[]): Waterfall {
  const byStart = spans.toSorted((one, other) => compare(startOf(one), startOf(other)));
  const [first] = byStart;
  if (first === undefined) return { rows: [], totalMs: 0 };

  const start = startOf(first);
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(byStart, ({ parentSpanId }) => parentSpanId);
  const waiting = new Set(byStart);
  const rows: WaterfallRow[] = [];
  const place = (span: Span, depth: number): void => {
    if (!waiting.delete(span)) return;
    rows.push({
      span,
      depth,
      offsetMs: toMs(startOf(span) - start),
      durationMs: Math.max(0, toMs(BigInt(span.endTimeUnixNano) - startOf(span))),
      orphan: span.parentSpanId !== "" && !known.has(span.parentSpanId),
    });
    for (const child of children.get(span.spanId) ?? []) place(child, depth + 1);
  };
  for (const span of byStart) if (!known.has(span.parentSpanId)) place(span, 0);
  // What still waits is below a circle of parents; its earliest span is as good a root as any.
  for (const span of byStart) place(span, 0);
  return { rows, totalMs: Math.max(...rows.map(({ offsetMs, durationMs }) => offsetMs + durationMs)) };
}

function startOf({ startTimeUnixNano }: Span): bigint {
  return BigInt(startTimeUnixNano);
}

function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
