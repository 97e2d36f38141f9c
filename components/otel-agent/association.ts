import type { ConfigSyntax } from "./collector-version.ts";
import { extractedMetadata, podIp, type K8sAttribute } from "./k8s-attributes.ts";
import { watchScope, type Association, type CollectorTopology } from "./topology.ts";

/** A component with its configuration, in the order of the pipeline. */
export type Stage = readonly [name: string, config: object | null];

export interface PodLookupArgs {
  readonly topology: CollectorTopology;
  readonly association: Association;
  readonly k8sAttributes: readonly K8sAttribute[];
}

const fromConnection = { sources: [{ from: "connection" }] };

function fromResource(...names: string[]) {
  return { sources: names.map((name) => ({ from: "resource_attribute", name })) };
}

/**
 * The processors that put `k8s.pod.ip` on a span.
 *
 * `resource` is the documents' way for a load balancer or NodePort in between: `k8s.pod.name` from the SDK's
 * `host.name`, then their order of association. Name together with namespace comes before it, because a name
 * alone is ambiguous: StatefulSets of two namespaces have pods of the same name. The processor takes the
 * first association that a span has values for, found or not, so a `host.name` that is no pod's would end the
 * search; the last stage takes the connection's address for such a span.
 */
export function podLookup(args: PodLookupArgs, syntax: ConfigSyntax): Stage[] {
  const name = syntax.k8sAttributes;
  const passthrough = { passthrough: true };
  switch (args.association) {
    case "passthrough":
      return [[name, passthrough]];
    case "connection":
      return [[name, lookup(args, syntax, [fromConnection])]];
    case "resource":
      return [
        [
          "resource/pre",
          { attributes: [{ key: "k8s.pod.name", from_attribute: "host.name", action: "insert" }] },
        ],
        [
          name,
          lookup(args, syntax, [
            fromResource("k8s.pod.name", "k8s.namespace.name"),
            fromResource("k8s.pod.name"),
            fromResource(podIp),
            fromResource("k8s.pod.uid"),
            fromConnection,
          ]),
        ],
        [`${name}/connection`, passthrough],
      ];
  }
}

/**
 * `wait_for_metadata`: a Collector that may not watch pods takes no spans, instead of passing them on without
 * their pod. (It hangs then rather than ends, v0.149.0; the probes restart it.) The node filter keeps memory
 * and API load flat as the cluster grows.
 */
function lookup(args: PodLookupArgs, syntax: ConfigSyntax, pod_association: object[]) {
  const ownNode = watchScope(args.topology, args.association) === "node";
  return {
    auth_type: "serviceAccount",
    passthrough: false,
    ...(syntax.waitForMetadata && { wait_for_metadata: true, wait_for_metadata_timeout: "30s" }),
    ...(ownNode && { filter: { node_from_env_var: "K8S_NODE_NAME" } }),
    extract: {
      metadata: extractedMetadata(args.k8sAttributes),
      ...(syntax.deploymentName === "asked" && { deployment_name_from_replicaset: true }),
    },
    pod_association,
  };
}
