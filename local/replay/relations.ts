import type { ReceivedSpan } from "../deepflow/received.ts";
import type { ReplayedService } from "./replayed-service.ts";

/** What spans show of who called whom. */
export interface Relation {
  readonly from: string;
  readonly to: string;
  /**
   * `parent`: a server span has a client span as its parent. `sender`: a server span says whose connection it
   * came by. `receiver`: a client span that did not fail says whom it dialled. `other`: a span has one of
   * another service as its parent, and they are no client and server.
   */
  readonly shownBy: "parent" | "sender" | "receiver" | "other";
}

/** Whose span, and whose address, something is. */
export interface Owners {
  readonly ofSpan: (spanId: string) => string | undefined;
  readonly ofAddress: (address: unknown) => string | undefined;
}

export function ownersOf(replayed: readonly ReplayedService[]): Owners {
  const spans = new Map(
    replayed.flatMap(({ service, report }) => report.spans.map(({ spanId }) => [spanId, service])),
  );
  const addresses = new Map(
    replayed.flatMap(({ service, podIp, serviceIp = podIp }) => [
      [podIp, service],
      [serviceIp, service],
    ]),
  );
  return {
    ofSpan: (spanId) => spans.get(spanId),
    ofAddress: (address) => (typeof address === "string" ? addresses.get(address) : undefined),
  };
}

/** Every relation between services that a trace shows; of a span that came twice, once. */
export function relations({ ofSpan, ofAddress }: Owners, received: readonly ReceivedSpan[]): Relation[] {
  const spans = new Map(received.map((span) => [span.spanId, span]));
  return [...spans.values()].flatMap((span) => {
    const owner = ofSpan(span.spanId);
    if (owner === undefined) return [];
    const parent = spans.get(span.parentSpanId);
    const parentOwner = parent && ofSpan(parent.spanId);
    const isCall = span.kind === "SERVER" && parent?.kind === "CLIENT";
    const sender = span.kind === "SERVER" ? ofAddress(span.attributes["client.address"]) : undefined;
    const receiver =
      span.kind === "CLIENT" && span.statusCode !== "ERROR"
        ? ofAddress(span.attributes["network.peer.address"])
        : undefined;
    return [
      ...relation(parentOwner, owner, isCall ? "parent" : "other"),
      ...relation(sender, owner, "sender"),
      ...relation(owner, receiver, "receiver"),
    ];
  });
}

/** A service's own spans are each other's parents, which is no call. */
function relation(
  from: string | undefined,
  to: string | undefined,
  shownBy: Relation["shownBy"],
): Relation[] {
  if (from === undefined || to === undefined || (shownBy === "other" && from === to)) return [];
  return [{ from, to, shownBy }];
}
