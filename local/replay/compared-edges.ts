import { callGraph, type Edge } from "../../components/demo/call-graph.ts";
import { portOf, type Demo } from "../../components/demo/table.ts";
import type { ReceivedSpan } from "../deepflow/received.ts";
import { ownersOf, relations, type Relation } from "./relations.ts";
import type { ReplayedService } from "./replayed-service.ts";
import type { OutgoingCall } from "./service-spec.ts";

/** One service calling another: what was expected and what was seen. */
export interface ComparedEdge {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  /** `untraced`: it was called, but neither end has an SDK. */
  readonly state: "seen" | "missing" | "unexpected" | "untraced";
  /** How many calls show it. */
  readonly calls: number;
  /** What is wrong with it, a sentence. */
  readonly problem?: string;
}

/** What is known of a replay when its edges are compared. */
interface Known {
  readonly demo: Demo;
  readonly replayed: ReadonlyMap<string, ReplayedService>;
  /** The services of which spans arrived. */
  readonly withSpans: ReadonlySet<string>;
  readonly shown: readonly Relation[];
  readonly ofAddress: (address: unknown) => string | undefined;
}

/** Every edge of the call graph, and every other that the spans show. */
export function compareEdges(
  demo: Demo,
  replayed: readonly ReplayedService[],
  received: readonly ReceivedSpan[],
): ComparedEdge[] {
  const owners = ownersOf(replayed);
  const known: Known = {
    demo,
    replayed: new Map(replayed.map((one) => [one.service, one])),
    withSpans: new Set(received.flatMap(({ spanId }) => owners.ofSpan(spanId) ?? [])),
    shown: relations(owners, received),
    ofAddress: owners.ofAddress,
  };
  return [...callGraph(demo).map((edge) => expectedEdge(edge, known)), ...unexpectedEdges(known)];
}

function expectedEdge({ from, to, protocol }: Edge, known: Known): ComparedEdge {
  const { demo, replayed, shown } = known;
  const outgoingCalls = (replayed.get(from)?.report.outgoingCalls ?? []).filter((call) => call.to === to);
  const failed = outgoingCalls.find(({ error }) => error !== undefined);
  const shownBy = evidence(demo, { from, to });
  const calls =
    shownBy === undefined
      ? outgoingCalls.filter(({ error }) => error === undefined).length
      : shown.filter((one) => one.from === from && one.to === to && one.shownBy === shownBy).length;
  const edge = { from, to, protocol, calls };
  const problem = failed
    ? `${failed.addressSource}; ${failure(failed, { from, to }, known)}`
    : calls === 0
      ? reasonUnseen({ from, to }, outgoingCalls, known)
      : undefined;
  return {
    ...edge,
    state: calls === 0 ? "missing" : shownBy === undefined ? "untraced" : "seen",
    ...(problem !== undefined && { problem: `${from} → ${to}: ${problem}.` }),
  };
}

type Ends = Pick<Edge, "from" | "to">;

/** What has to show an edge; `undefined` where no span can. */
function evidence({ services }: Demo, { from, to }: Ends): Relation["shownBy"] | undefined {
  const [callerTraced, calleeTraced] = [from, to].map((name) => services[name]?.sdk !== undefined);
  if (calleeTraced) return callerTraced ? "parent" : "sender";
  return callerTraced ? "receiver" : undefined;
}

function failure(
  { peer, error = "" }: OutgoingCall,
  { from, to }: Ends,
  { replayed, ofAddress }: Known,
): string {
  const reached = ofAddress(peer) ?? to;
  const refusal = replayed.get(reached)?.refusals[from]?.replace(/\.$/, "");
  return [
    ...(reached === to ? [] : [`that is ${reached}`]),
    error,
    ...(refusal === undefined ? [] : [refusal]),
  ].join("; ");
}

/** Why an edge was not seen on which no call failed. */
function reasonUnseen({ from, to }: Ends, calls: readonly OutgoingCall[], known: Known): string {
  const { demo, replayed, withSpans, ofAddress } = known;
  const [call] = calls;
  if (call === undefined)
    return replayed.get(from)?.report.requests === 0
      ? `no request reached ${from}`
      : `${from} made no call to it`;
  const reached = ofAddress(call.peer);
  if (reached !== undefined && reached !== to) return `${call.addressSource}; that is ${reached}`;
  const silent = [from, to].filter((name) => demo.services[name]?.sdk !== undefined && !withSpans.has(name));
  if (silent.length > 0) return `it was called, but no span of ${silent.join(" and ")} arrived`;
  return demo.services[from]?.sdk && demo.services[to]?.sdk
    ? `it was called, but no server span of ${to} that arrived has a client span of ${from} that arrived as its parent`
    : `it was called, but no span that arrived shows it`;
}

function unexpectedEdges({ demo, shown }: Known): ComparedEdge[] {
  const edges = callGraph(demo);
  const others = shown.filter((one) => !edges.some(({ from, to }) => one.from === from && one.to === to));
  const pairs = new Map(others.map(({ from, to }) => [`${from} → ${to}`, { from, to }]));
  return [...pairs].map(([name, { from, to }]) => {
    // A call may show in several ways.
    const ways = (["parent", "sender", "receiver", "other"] as const).map(
      (way) => others.filter((one) => one.from === from && one.to === to && one.shownBy === way).length,
    );
    return {
      from,
      to,
      protocol: portOf(demo.services[to])?.protocol ?? "unknown",
      state: "unexpected",
      calls: Math.max(...ways),
      problem: `${name}: spans show this call, which is none of ${demo.title}'s.`,
    };
  });
}
