import type { V1Node, V1Pod } from "@kubernetes/client-node";
import type { ContainerContext } from "../cluster/node/image-programs.ts";
import { ingest } from "./ingester.ts";
import { resourceTagsOf, type KnownAddress, type ResourceTags } from "./knowledge-graph.ts";
import type { L7FlowLog } from "./l7-flow-log.ts";
import { observedRows } from "./observed-requests.ts";
import type { Span } from "./otlp.ts";

/** What a row was made from: 0 network packets, 3 eBPF, 4 an OpenTelemetry span (l7_signal_source). */
export type SignalSource = 0 | 3 | 4;

/** A row of l7_flow_log with its times and tags, as the querier reads it. */
export interface FlowRow extends Omit<L7FlowLog, "tapSide"> {
  signalSource: SignalSource;
  /** `c-app`, `s-app` and `app` of OpenTelemetry, `c-p` and `s-p` of eBPF, `c` and `s` of the network. */
  tapSide: string;
  /** Microseconds since 1970. */
  startTimeUs: number;
  endTimeUs: number;
  /** What DeepFlow knew of ip0 and ip1 when the row was written. */
  tags0: ResourceTags;
  tags1: ResourceTags;
}

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
