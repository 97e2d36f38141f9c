import type { Span } from "./otlp.ts";

/** A span that reached DeepFlow, and by which way. */
export interface ReceivedSpan extends Span {
  /** Counts the spans received, from 1. */
  sequence: number;
  /** Name of the deepflow-agent pod that took it. */
  receivedBy: string;
  /** Node of that pod. */
  node: string;
  /** Address and port that were dialled: the pod's, or its node's. */
  agentAddress: string;
  /** The sender's address as the agent saw it. */
  peerAddress: string;
}

/** Which spans to return; no field means all. */
export interface ReceivedQuery {
  traceIds?: string[];
  /** Only spans received after this one: the `last` of an earlier answer. */
  since?: number;
}

export interface ReceivedSpans {
  spans: ReceivedSpan[];
  /** How many spans were forgotten since the start, because there were more than are kept. */
  dropped: number;
  /** Sequence number of the newest span received so far, 0 before the first. */
  last: number;
}

/** The spans that reached DeepFlow; the oldest are dropped beyond `limit` (200,000 unless told otherwise). */
export class Received {
  #spans: ReceivedSpan[] = [];
  #last = 0;
  readonly #limit: number;

  constructor(limit = 200_000) {
    this.#limit = limit;
  }

  add(spans: Span[], by: Pick<ReceivedSpan, "receivedBy" | "node" | "agentAddress" | "peerAddress">): void {
    for (const span of spans) {
      this.#last += 1;
      this.#spans.push({ sequence: this.#last, ...by, ...span });
    }
    // Cut in large steps: moving the whole array for every request would cost more than the requests.
    if (this.#spans.length > this.#limit * 1.1) this.#spans = this.#spans.slice(-this.#limit);
  }

  query({ traceIds, since = 0 }: ReceivedQuery): ReceivedSpans {
    const kept = this.#spans.slice(-this.#limit);
    const wanted = traceIds === undefined ? undefined : new Set(traceIds);
    return {
      spans: kept.filter((span) => span.sequence > since && (wanted?.has(span.traceId) ?? true)),
      dropped: this.#last - kept.length,
      last: this.#last,
    };
  }
}

/** The distinct values of `app.host.ip` that spans arrived with; "(none)" for a span without. */
export function appHostIps(received: readonly Pick<Span, "resource">[]): string[] {
  const addresses = received.map(({ resource }) => resource["app.host.ip"]);
  return [...new Set(addresses.map((address) => (typeof address === "string" ? address : "(none)")))].sort();
}
