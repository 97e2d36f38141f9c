import type { KubernetesObject } from "../../render/objects.ts";
import type { Finding } from "../finding.ts";
import type { LiveObject } from "../kubernetes/kubectl.ts";

/** An object as the stack renders it, as far as it is read here. */
interface Rendered extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: Labels | { readonly matchLabels?: Labels };
    readonly template?: { readonly metadata?: { readonly labels?: Labels } };
  };
}

type Labels = Readonly<Record<string, string>>;

const workloadKinds = ["DaemonSet", "Deployment", "StatefulSet"];

/** What is listed in each namespace of the stack. */
export const listedResources = [
  ...["daemonsets.apps", "deployments.apps", "statefulsets.apps"],
  ...["services", "endpointslices.discovery.k8s.io", "pods"],
];

/** Namespaces of the workloads and Services that a stack renders. */
export function namespacesOf(rendered: readonly KubernetesObject[]): string[] {
  const looked = rendered.filter(({ kind }) => kind === "Service" || workloadKinds.includes(kind));
  return [...new Set(looked.map(({ metadata }) => metadata.namespace ?? "default"))].sort();
}

/** Whether the workloads of a stack are available, and its Services lead to ready pods. */
export function judgeObjects(
  rendered: readonly KubernetesObject[],
  live: readonly LiveObject[],
  fixMissing: string,
): Finding {
  const workloads = rendered.filter(({ kind }) => workloadKinds.includes(kind)) as Rendered[];
  const services = rendered.filter(({ kind }) => kind === "Service") as Rendered[];
  const workloadProblems = workloads.flatMap((object) => {
    const found = find(live, object);
    const problem = found === undefined ? "is not there" : unavailable(found, live, podLabels(object));
    return problem === undefined ? [] : [`${inWords(object)} ${problem}`];
  });
  const serviceProblems = services
    .filter((service) => leadsSomewhere(service, workloads))
    .flatMap((service) => {
      if (find(live, service) === undefined) return [`${inWords(service)} is not there`];
      return hasEndpoint(live, service) ? [] : [`${inWords(service)} leads to no ready pod`];
    });
  const problems = [...workloadProblems, ...serviceProblems];
  if (problems.length === 0) {
    const all = `${workloads.length} workloads are available, ${services.length} Services lead to ready pods.`;
    return { state: "passed", saw: all };
  }
  const missing = problems.filter((problem) => problem.endsWith(" is not there"));
  return {
    state: "failed",
    saw: `${problems.join("; ")}.`,
    means:
      missing.length > 0
        ? "The stack is not deployed to this cluster, or only in part."
        : "What does not run sends no spans; what no Service leads to gets none.",
    fix:
      missing.length > 0
        ? fixMissing
        : "Look at the pods' events with `kubectl describe pod`, and at the last of their logs with `kubectl logs --previous`.",
    mayPass: true,
  };
}

function inWords({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? "default"}/${metadata.name}`;
}

function find(live: readonly LiveObject[], { kind, metadata }: KubernetesObject): LiveObject | undefined {
  return live.find(
    (object) =>
      object.kind === kind &&
      object.metadata.name === metadata.name &&
      object.metadata.namespace === (metadata.namespace ?? "default"),
  );
}

/** What keeps a workload from being available; `undefined` where nothing does. */
function unavailable(
  { kind, metadata, spec, status }: LiveObject,
  live: readonly LiveObject[],
  labels: Labels,
): string | undefined {
  const daemons = kind === "DaemonSet";
  const wanted = daemons ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1);
  const available = (daemons ? status?.numberAvailable : status?.availableReplicas) ?? 0;
  const updated = (daemons ? status?.updatedNumberScheduled : status?.updatedReplicas) ?? 0;
  if (daemons && wanted === 0) return "runs on no node";
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return "is being changed";
  if (available < wanted) {
    const reason = reasonOf(live, metadata.namespace, labels);
    return `has ${available} of ${wanted} pods available${reason === undefined ? "" : ` (${reason})`}`;
  }
  return updated < wanted ? `has ${updated} of ${wanted} pods of its latest version` : undefined;
}

/** Why a pod is not ready, as far as it says. */
function reasonOf(
  live: readonly LiveObject[],
  namespace: string | undefined,
  labels: Labels,
): string | undefined {
  const pods = live.filter(
    ({ kind, metadata }) =>
      kind === "Pod" &&
      metadata.namespace === namespace &&
      Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value),
  );
  for (const { metadata, status } of pods) {
    const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
    const unscheduled = status?.conditions?.find(
      (one) => one.type === "PodScheduled" && one.status === "False",
    );
    const reason = waiting
      ? [waiting.reason, waiting.message].filter(Boolean).join(", ")
      : unscheduled?.message;
    if (reason) return `pod ${metadata.name}: ${reason.slice(0, 200)}`;
  }
  return undefined;
}

function podLabels({ spec }: Rendered): Labels {
  return spec?.template?.metadata?.labels ?? {};
}

/** A Service without a selector, or whose pods are wanted nowhere, leads nowhere on purpose. */
function leadsSomewhere({ metadata, spec }: Rendered, workloads: readonly Rendered[]): boolean {
  const selector = Object.entries((spec?.selector ?? {}) as Labels);
  if (selector.length === 0) return false;
  const behind = workloads.filter(
    (workload) =>
      workload.metadata.namespace === metadata.namespace &&
      selector.every(([name, value]) => podLabels(workload)[name] === value),
  );
  return behind.length === 0 || behind.some((workload) => workload.spec?.replicas !== 0);
}

function hasEndpoint(live: readonly LiveObject[], { metadata }: KubernetesObject): boolean {
  return live.some(
    (object) =>
      object.kind === "EndpointSlice" &&
      object.metadata.namespace === (metadata.namespace ?? "default") &&
      object.metadata.labels?.["kubernetes.io/service-name"] === metadata.name &&
      (object.endpoints ?? []).some(({ conditions }) => conditions?.ready !== false),
  );
}
