import type { V1Node, V1Pod } from "@kubernetes/client-node";
import type { ContainerContext } from "../cluster/node/image-programs.ts";
import type { FlowRow } from "./flow-row.ts";
import { ingest } from "./ingester.ts";
import { resourceTagsOf, type KnownAddress } from "./knowledge-graph.ts";
import { observedRows } from "./observed-requests.ts";
import type { Span } from "./otlp.ts";

/** What the server knows of the cluster at a moment. */
export interface KnownResources {
  readonly pods: readonly (KnownAddress & { node: string; namespace: string })[];
  readonly nodes: readonly KnownAddress[];
}

/** How many spans are kept: many more than a replay sends, fewer than a load test. */
const kept = 20_000;

/** Pods and nodes of a moment. */
type Resources = ReturnType<ContainerContext["resources"]>;

/** l7_flow_log of what agents passed on; tags are those of the moment that a span arrived. */
export class FlowRows {
  #exports: { spans: readonly Span[]; resources: Resources }[] = [];
  #spans = 0;

  add(spans: readonly Span[], resources: Resources): void {
    this.#exports.push({ spans, resources });
    this.#spans += spans.length;
    while (this.#spans > kept && this.#exports.length > 1)
      this.#spans -= this.#exports.shift()?.spans.length ?? 0;
  }

  /** All rows: one of each span, and those of the requests between them, which no agent here observes. */
  rows(): FlowRow[] {
    // Worked out when somebody asks: most tests send much and ask nothing.
    const rows = this.#exports.flatMap(({ spans, resources: { pods, nodes } }) => {
      const known = knownResources(pods, nodes);
      return spans.map((span) => flowRowOf(span, known));
    });
    return [...rows, ...observedRows(rows)];
  }
}

/** The row that DeepFlow writes of a span. */
export function flowRowOf(span: Span, { pods, nodes }: KnownResources): FlowRow {
  const log = ingest(span);
  return {
    ...log,
    signalSource: 4,
    startTimeUs: microseconds(span.startTimeUnixNano),
    endTimeUs: microseconds(span.endTimeUnixNano),
    tags0: resourceTagsOf(log.ip0, pods, nodes),
    tags1: resourceTagsOf(log.ip1, pods, nodes),
  };
}

/** What DeepFlow learns of these objects. Pods in the network of their host have no address of their own. */
export function knownResources(pods: readonly V1Pod[], nodes: readonly V1Node[]): KnownResources {
  return {
    pods: pods.flatMap(({ metadata, spec, status }) =>
      status?.podIP === undefined || spec?.hostNetwork === true
        ? []
        : [
            {
              address: status.podIP,
              name: metadata?.name ?? "",
              namespace: metadata?.namespace ?? "",
              node: spec?.nodeName ?? "",
            },
          ],
    ),
    nodes: nodes.flatMap(({ metadata, status }) =>
      (status?.addresses ?? [])
        .filter(({ type }) => type === "InternalIP")
        .map(({ address }) => ({ address, name: metadata?.name ?? "" })),
    ),
  };
}

function microseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1000n);
}
