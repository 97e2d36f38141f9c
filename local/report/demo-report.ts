import type { Span } from "../deepflow/otlp.ts";
import type { ComparedEdge } from "../replay/compared-edges.ts";
import type { ComparedService } from "../replay/compared-services.ts";
import type { Replay } from "../replay/replay.ts";

/** A service as it is drawn. */
export interface ShownService extends ComparedService {
  /** Shown when a pointer is on it, instead of what was sent and received. */
  readonly tip?: string;
}

/** One demo: what was expected of it and what reached DeepFlow. */
export interface DemoReport {
  /** For people, for example `Spring Boot WebShop`. */
  readonly title: string;
  readonly namespace: string;
  readonly services: readonly ShownService[];
  readonly edges: readonly ComparedEdge[];
  /** All that is wrong, in sentences; empty where nothing is. */
  readonly problems: readonly string[];
  /** The trace to draw, some 20 to 100 spans in any order. */
  readonly trace: readonly Span[];
  /** Address of this demo in DeepFlow's dashboard. */
  readonly dashboard?: string | undefined;
}

/** Where and when the demos were replayed. */
export interface ReportContext {
  /** Name of the Pulumi stack. */
  readonly stack: string;
  /** What handed the spans to DeepFlow, for example `2 Collectors 0.158.0 on 2 nodes`. */
  readonly collectors: string;
  readonly generatedAt: Date;
}

/**
 * What the page shows of a replay; of its traces the longest, which is the one request through all services.
 */
export function demoReport(replay: Replay, dashboard: string): DemoReport {
  const { demo, services, edges, problems, trace } = replay;
  const traces = Map.groupBy(trace, ({ traceId }) => traceId);
  const [longest = []] = [...traces.values()].sort((a, b) => b.length - a.length);
  const { title, namespace } = demo;
  return { title, namespace, services, edges, problems, trace: longest, dashboard };
}
