import { callGraph } from "../../components/demo/call-graph.ts";
import { canReach } from "../../components/demo/environment.ts";
import { rows, type Demo } from "../../components/demo/table.ts";
import type { Destination } from "../../components/destination.ts";
import { identity, type KubernetesObject } from "../../render/objects.ts";
import { demosOf } from "../../stack.ts";
import { findingOf, type Finding } from "../finding.ts";
import { podsOf, selects, type Pods } from "../pods.ts";
import type { Rule } from "../rule.ts";

type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly unknown[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

interface Port {
  readonly port?: number | string;
  readonly endPort?: number;
  readonly protocol?: string;
}

interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes?: readonly string[];
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly Port[] }[];
  };
}

/**
 * What the NetworkPolicies of a demo let out is its call graph, DNS, and the destination of its spans for
 * those that send any: no more, and no less.
 */
export const demoEgress: Rule = ({ stack, objects }) =>
  demosOf(stack).flatMap(({ demo, destination }) => {
    const inNamespace = objects.filter(({ metadata }) => metadata.namespace === demo.namespace);
    const pods = podsOf(inNamespace);
    const policies = inNamespace.filter((object): object is NetworkPolicy => object.kind === "NetworkPolicy");
    return pods.flatMap((one) => egressFindings(one, { demo, destination, pods, policies }));
  });

const rule = "demo-egress";

interface Surroundings {
  readonly demo: Demo;
  readonly destination: Destination;
  readonly pods: readonly Pods[];
  readonly policies: readonly NetworkPolicy[];
}

function egressFindings({ object, labels }: Pods, around: Surroundings): Finding[] {
  const applied = around.policies.filter(
    ({ spec }) => spec.policyTypes?.includes("Egress") && matches(spec.podSelector, labels),
  );
  if (applied.length === 0) {
    const problem = "No NetworkPolicy limits what its pods send.";
    return [findingOf(rule, object, problem, "Add one with policyTypes Egress that selects its pods.")];
  }
  const expected = expectedEgress(object.metadata.name, around);
  const allowed = new Set(applied.flatMap((policy) => allowedEgress(policy, around.pods)));
  const policy = applied.map(identity).join(", ");
  return [
    ...[...allowed]
      .filter((where) => !expected.has(where))
      .map((where) =>
        findingOf(
          rule,
          object,
          `${policy} lets it send to ${where}, which is not in its call graph.`,
          "Take it out of the policy, or add the call to the demo's table.",
        ),
      ),
    ...[...expected]
      .filter((where) => !allowed.has(where))
      .map((where) =>
        findingOf(
          rule,
          object,
          `${policy} does not let it send to ${where}, which it calls.`,
          "Add it to the policy, or take the call out of the demo's table.",
        ),
      ),
  ];
}

function expectedEgress(name: string, { demo, destination }: Surroundings): Set<string> {
  const calls = callGraph(demo)
    .filter(({ from }) => from === name)
    .flatMap(({ to }) => (demo.services[to]?.ports ?? []).map(({ number }) => `${to}:${number}/TCP`));
  const row = rows(demo).find((row) => row.name === name);
  const spans = row && canReach(row, destination) ? spansEgress(destination) : [];
  return new Set([...calls, ...spans, "anywhere:53/UDP", "anywhere:53/TCP"]);
}

function spansEgress({ pods, endpoints }: Destination): string[] {
  const where = pods
    ? peerText({
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
        ...(pods.selector && { podSelector: { matchLabels: pods.selector } }),
      })
    : "anywhere";
  return Object.values(endpoints).map(({ targetPort }) => `${where}:${targetPort}/TCP`);
}

function allowedEgress({ spec }: NetworkPolicy, pods: readonly Pods[]): string[] {
  return (spec.egress ?? []).flatMap(({ to, ports }) => {
    const hosts = to?.flatMap((peer) => hostsOf(peer, pods)) ?? ["anywhere"];
    const numbers = ports?.map(portText) ?? ["any port"];
    return hosts.flatMap((host) => numbers.map((port) => `${host}:${port}`));
  });
}

/** Pods of the demo by the name of their workload; anything else as its selectors say. */
function hostsOf(peer: Peer, pods: readonly Pods[]): string[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (podSelector === undefined || namespaceSelector || ipBlock) return [peerText(peer)];
  const selected = pods.filter(({ labels }) => matches(podSelector, labels));
  return selected.length > 0 ? selected.map(({ object }) => object.metadata.name) : [peerText(peer)];
}

function peerText({ podSelector, namespaceSelector, ipBlock }: Peer): string {
  if (ipBlock) return ipBlock.cidr;
  return [
    ...(namespaceSelector ? [`namespaces ${selectorText(namespaceSelector)}`] : []),
    `pods ${selectorText(podSelector ?? {})}`,
  ].join(" ");
}

function selectorText({ matchLabels = {}, matchExpressions = [] }: Selector): string {
  const labels = Object.entries(matchLabels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return [...labels, ...matchExpressions.map((one) => JSON.stringify(one))].join(",") || "(all)";
}

function portText({ port, endPort, protocol = "TCP" }: Port): string {
  const numbers = endPort === undefined ? String(port ?? "any port") : `${port ?? ""}-${endPort}`;
  return `${numbers}/${protocol}`;
}

/** Expressions are taken as matching, so that a policy with some is looked at. */
function matches({ matchLabels = {} }: Selector, labels: Labels): boolean {
  return selects(matchLabels, labels);
}
