/** How a Collector finds the pod that sent a span. */
export type Association = "connection" | "resource" | "passthrough";

/** Whose pods a Collector watches: its own node's, all, or none. */
export type WatchScope = "node" | "cluster" | "none";

/** What a topology means for the objects that make it up. */
interface Topology {
  readonly workload: "DaemonSet" | "Deployment";
  readonly internalTrafficPolicy: "Local" | "Cluster";
  readonly association: Association;
  /** Which taints its pods tolerate when a stack does not say. */
  readonly tolerations: readonly { readonly operator: "Exists" }[];
}

/**
 * Where Collectors run. An `agent` must be on every node, tainted or not, because its Service is node-local;
 * a `gateway` is an ordinary Deployment. A gateway first asks what the span says of its pod, because
 * something may sit in between.
 */
export const topologies = {
  agent: {
    workload: "DaemonSet",
    internalTrafficPolicy: "Local",
    association: "connection",
    tolerations: [{ operator: "Exists" }],
  },
  gateway: {
    workload: "Deployment",
    internalTrafficPolicy: "Cluster",
    association: "resource",
    tolerations: [],
  },
} as const satisfies Record<string, Topology>;

export type CollectorTopology = keyof typeof topologies;

/**
 * Whose pods to watch. An agent that goes by the connection gets spans from its own node only; any other may
 * get one from anywhere, and `passthrough` looks nothing up.
 */
export function watchScope(topology: CollectorTopology, association: Association): WatchScope {
  if (association === "passthrough") return "none";
  return topology === "agent" && association === "connection" ? "node" : "cluster";
}
