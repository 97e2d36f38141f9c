import type { ReceivedSpan } from "../../../local/deepflow/received.ts";
import { compare, type Comparison } from "../../../local/replay/comparison.ts";
import type { ReplayedService } from "../../../local/replay/replayed-service.ts";
import type { OutgoingCall, Report } from "../../../local/replay/service-spec.ts";
import { rightReplay, webShop, webStore, type Material } from "./right-replay.ts";

/** Right replays of both demos. */
export const [shop, store] = [rightReplay(webShop), rightReplay(webStore)];

export function compared({ demo, replayed, received }: Material): Comparison {
  return compare(demo, replayed, received);
}

/** The pod that sent a span. */
export function ownerOf({ replayed }: Material, { spanId }: ReceivedSpan): ReplayedService {
  const owner = replayed.find(({ report }) => report.spans.some((span) => span.spanId === spanId));
  if (!owner) throw new Error(`Nobody sent ${spanId}.`);
  return owner;
}

/** The same, with one of its spans replaced. */
export function withSpan(material: Material, span: ReceivedSpan, ...others: ReceivedSpan[]): Material {
  return { ...material, received: material.received.flatMap((one) => (one === span ? others : [one])) };
}

/** The same, with what one service says replaced in part. */
export function withReport(material: Material, service: string, report: Partial<Report>): Material {
  return {
    ...material,
    replayed: material.replayed.map((one) =>
      one.service === service ? { ...one, report: { ...one.report, ...report } } : one,
    ),
  };
}

/** The same, with one call of a service replaced. */
export function withOutgoingCall(material: Material, from: string, outgoingCall: OutgoingCall): Material {
  const outgoingCalls = material.replayed.find(({ service }) => service === from)?.report.outgoingCalls ?? [];
  return withReport(material, from, {
    outgoingCalls: outgoingCalls.map((one) => (one.to === outgoingCall.to ? outgoingCall : one)),
  });
}

/** The same, as if a service's spans had got lost. */
export function without(material: Material, ...services: string[]): Material {
  return {
    ...material,
    received: material.received.filter((span) => !services.includes(ownerOf(material, span).service)),
  };
}

/** Edges as sentences name them. */
export function arrows(edges: readonly { from: string; to: string }[]): string[] {
  return edges.map(({ from, to }) => `${from} → ${to}`);
}

/** The edges in a state. */
export function inState({ edges }: Comparison, state: string): string[] {
  return arrows(edges.filter((edge) => edge.state === state));
}

/** Where a test knows that there is something. */
export function never(): never {
  throw new Error("There is none.");
}
