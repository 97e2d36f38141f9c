import type { Demo } from "../../components/demo/table.ts";
import type { ReceivedSpan } from "../deepflow/received.ts";
import { compareEdges, type ComparedEdge } from "./compared-edges.ts";
import { compareServices, serviceNameIn, type ComparedService } from "./compared-services.ts";
import { ownersOf } from "./relations.ts";
import type { ReplayedService } from "./replayed-service.ts";

/** A replay beside its demo's table. */
export interface Comparison {
  readonly services: readonly ComparedService[];
  /** The call graph's edges in its order, then those that are not in it. */
  readonly edges: readonly ComparedEdge[];
  /** All that is wrong, a sentence each that names the service or edge; empty if everything is right. */
  readonly problems: readonly string[];
}

/**
 * Compares the spans that reached DeepFlow with a demo's call graph. A span belongs to the pod that says it
 * sent it, whatever the span says of itself: so a wrong name or address is one problem, and not one for every
 * edge.
 */
export function compare(
  demo: Demo,
  replayed: readonly ReplayedService[],
  received: readonly ReceivedSpan[],
): Comparison {
  const services = compareServices(demo, replayed, received);
  const edges = compareEdges(demo, replayed, received);
  const { ofSpan } = ownersOf(replayed);
  return {
    services,
    edges,
    problems: [
      ...services.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
      ...edges.flatMap(({ problem }) => problem ?? []),
      ...received.filter(({ spanId }) => ofSpan(spanId) === undefined).map(strangeSpan),
    ],
  };
}

function strangeSpan(span: ReceivedSpan): string {
  return `A span arrived that no pod says it sent: ${span.spanId}, named ${span.name}, of service.name ${serviceNameIn(span)}.`;
}
