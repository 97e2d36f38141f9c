import type { ConfigSyntax } from "./collector-version.ts";

/** What the API server is asked for, as an RBAC rule names it. */
export interface WatchedResource {
  readonly apiGroup: string;
  readonly resource: string;
}

const pods: WatchedResource = { apiGroup: "", resource: "pods" };
const namespaces: WatchedResource = { apiGroup: "", resource: "namespaces" };
const nodes: WatchedResource = { apiGroup: "", resource: "nodes" };
const replicaSets: WatchedResource = { apiGroup: "apps", resource: "replicasets" };
const jobs: WatchedResource = { apiGroup: "batch", resource: "jobs" };

/**
 * The attributes that `k8s_attributes` can extract, and what it watches for each besides pods. Which
 * informers it starts was read in k8sattributesprocessor v0.149.0 (`internal/kube/client.go`, `New`):
 * `k8s.deployment.name` needs no ReplicaSets because `deployment_name_from_replicaset` is set.
 */
export const k8sAttributes = {
  "k8s.cluster.uid": [namespaces],
  "k8s.container.name": [],
  "k8s.cronjob.name": [],
  "k8s.cronjob.uid": [jobs],
  "k8s.daemonset.name": [],
  "k8s.daemonset.uid": [],
  "k8s.deployment.name": [],
  "k8s.deployment.uid": [replicaSets],
  "k8s.job.name": [],
  "k8s.job.uid": [],
  "k8s.namespace.name": [],
  "k8s.node.name": [],
  "k8s.node.uid": [nodes],
  "k8s.pod.hostname": [],
  "k8s.pod.ip": [],
  "k8s.pod.name": [],
  "k8s.pod.start_time": [],
  "k8s.pod.uid": [],
  "k8s.replicaset.name": [],
  "k8s.replicaset.uid": [],
  "k8s.statefulset.name": [],
  "k8s.statefulset.uid": [],
} as const satisfies Record<string, readonly WatchedResource[]>;

export type K8sAttribute = keyof typeof k8sAttributes;

/**
 * Resource attribute by which DeepFlow finds the pod of a span (deepflow
 * `agent/src/integration_collector.rs`).
 */
export const appHostIp = "app.host.ip";

/**
 * The attribute that DeepFlow's `app.host.ip` is made from: always extracted, whatever else a stack asks for.
 */
export const podIp = "k8s.pod.ip" satisfies K8sAttribute;

/** `extract.metadata`: what was asked for and `k8s.pod.ip`, sorted, each once. */
export function extractedMetadata(attributes: readonly K8sAttribute[]): K8sAttribute[] {
  return [...new Set<K8sAttribute>([...attributes, podIp])].sort();
}

/**
 * What the processor watches for these attributes, each resource once. A Collector that cannot tell a
 * Deployment from its ReplicaSet's name watches ReplicaSets for it.
 */
export function watchedResources(
  attributes: readonly K8sAttribute[],
  syntax: Pick<ConfigSyntax, "deploymentName">,
): WatchedResource[] {
  const byName = syntax.deploymentName !== "watched" || !attributes.includes("k8s.deployment.name");
  const asked = attributes.flatMap((attribute): readonly WatchedResource[] => k8sAttributes[attribute]);
  return [...new Set([pods, ...asked, ...(byName ? [] : [replicaSets])])];
}
