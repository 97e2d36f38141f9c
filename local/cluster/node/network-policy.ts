import type {
  KubernetesObject,
  V1LabelSelector,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from "@kubernetes/client-node";
import { selects } from "./label-selector.ts";
import type { Labels } from "./label-selector.ts";
import { allows } from "./policy-rule.ts";
import type { Connection, Peer, PolicyPod, Rule } from "./policy-rule.ts";

/** A networking.k8s.io/v1 NetworkPolicy as the API has it, and so manifests and watches. */
export interface NetworkPolicy extends KubernetesObject {
  spec?: {
    podSelector?: V1LabelSelector | undefined;
    policyTypes?: string[] | undefined;
    ingress?: IngressRule[] | undefined;
    egress?: EgressRule[] | undefined;
  };
}

interface IngressRule {
  from?: V1NetworkPolicyPeer[] | undefined;
  ports?: V1NetworkPolicyPort[] | undefined;
  /** The client's name for `from`: read as a rule of the API it would admit everybody. */
  _from?: never;
}

interface EgressRule {
  to?: V1NetworkPolicyPeer[] | undefined;
  ports?: V1NetworkPolicyPort[] | undefined;
}

/** What decides about connections. */
export interface PolicyObjects {
  /** Those of all namespaces. */
  policies: readonly NetworkPolicy[];
  namespaceLabels: (namespace: string) => Labels;
}

type Direction = "Egress" | "Ingress";

/**
 * Why NetworkPolicies refuse a connection: which of them isolate which end, in sentences; undefined if they
 * allow it.
 *
 * As the API's reference has it, also where CNIs differ: a pod's own node may connect to it, but a pod that
 * is isolated for egress needs a rule to connect to its node; and an ipBlock matches the addresses of pods as
 * it does all others.
 */
export function refusal(objects: PolicyObjects, connection: Connection): string | undefined {
  const { from, to } = connection;
  const isItself = from.address === to.address;
  const isOwnNode = from.pod === undefined && from.address === to.pod?.nodeAddress;
  if (isItself || isOwnNode) return undefined;
  const reasons = (["Egress", "Ingress"] as const).flatMap(
    (direction) => refusalOf(direction, objects, connection) ?? [],
  );
  return reasons.length === 0 ? undefined : reasons.join(" ");
}

function refusalOf(
  direction: Direction,
  { policies, namespaceLabels }: PolicyObjects,
  connection: Connection,
): string | undefined {
  const { from, to, port, protocol } = connection;
  const [{ pod }, peer] = direction === "Egress" ? [from, to] : [to, from];
  if (pod === undefined) return undefined;
  const isolating = policies.filter((policy) => isolates(policy, pod, direction));
  const context = { namespace: pod.namespace, namespaceLabels };
  const isAllowed = isolating
    .flatMap((policy) => rulesOf(policy, direction))
    .some((rule) => allows(rule, peer, connection, context));
  if (isolating.length === 0 || isAllowed) return undefined;

  const names = isolating.map(({ metadata }) => `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`);
  const [subject, their] =
    names.length === 1
      ? [`NetworkPolicy ${names.join()} isolates`, "its"]
      : [`NetworkPolicies ${names.join(", ")} isolate`, "their"];
  const [who, whom] = direction === "Egress" ? ["it", nameOf(to)] : [nameOf(from), "it"];
  return (
    `${subject} ${nameOf({ pod })} for ${direction.toLowerCase()}, ` +
    `and none of ${their} rules allows ${who} to reach ${whom} at ${protocol} port ${port}.`
  );
}

function nameOf({ pod, address = "" }: Partial<Peer>): string {
  if (pod === undefined) return address;
  const { namespace, name } = pod;
  return name === undefined ? `a pod of ${namespace}` : `pod ${namespace}/${name}`;
}

function isolates({ metadata, spec = {} }: NetworkPolicy, pod: PolicyPod, direction: Direction): boolean {
  return (
    metadata?.namespace === pod.namespace &&
    policyTypes(spec).includes(direction) &&
    selects(spec.podSelector, pod.labels)
  );
}

/** As the API server completes them. */
function policyTypes({ policyTypes = [], egress = [] }: NonNullable<NetworkPolicy["spec"]>): string[] {
  if (policyTypes.length > 0) return policyTypes;
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function rulesOf({ spec = {} }: NetworkPolicy, direction: Direction): Rule[] {
  return direction === "Egress"
    ? (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }))
    : (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }));
}

/** A policy from one of the client's lists, which name a rule's `from` otherwise than its watches do. */
export function listedPolicy({ metadata, spec }: V1NetworkPolicy): NetworkPolicy {
  return {
    ...(metadata && { metadata }),
    spec: {
      podSelector: spec?.podSelector,
      policyTypes: spec?.policyTypes,
      ingress: spec?.ingress?.map(({ _from, ports }) => ({ from: _from, ports })),
      egress: spec?.egress,
    },
  };
}
