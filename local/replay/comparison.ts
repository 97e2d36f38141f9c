import type { Demo } from "../../components/demo/table.ts";
import type { ReceivedSpan } from "../deepflow/received.ts";
import type { CastMember } from "./cast.ts";
import { compareEdges, type ComparedEdge } from "./compared-edges.ts";
import { compareServices, serviceNameIn, type ComparedService } from "./compared-services.ts";
import type { Report } from "./part.ts";
import { ownersOf } from "./relations.ts";

/** A pod that has played a service. */
export interface Played extends CastMember {
  readonly report: Report;
  /** Why NetworkPolicies refuse it connections of other services, in sentences, by their names. */
  readonly refusals: Readonly<Record<string, string>>;
}

/** A replay beside its demo's table. */
export interface Comparison {
  readonly services: readonly ComparedService[];
  /** The call graph's edges in its order, then those that are not in it. */
  readonly edges: readonly ComparedEdge[];
  /** All that is wrong, a sentence each that names the service or edge; empty if everything is right. */
  readonly problems: readonly string[];
}

/**
 * Compares the spans that reached DeepFlow with a demo's call graph. A span belongs to the pod that says it sent it, whatever the span says of itself:
 * so a wrong name or address is one problem, and not one for every edge.
 */
export function compare(
  demo: Demo,
  played: readonly Played[],
  received: readonly ReceivedSpan[],
): Comparison {
  const services = compareServices(demo, played, received);
  const edges = compareEdges(demo, played, received);
  const { ofSpan } = ownersOf(played);
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
