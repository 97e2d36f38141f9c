/** An address that DeepFlow knows of a resource of the cluster. */
export interface KnownAddress {
  address: string;
  name: string;
}

/** The resources that DeepFlow names after an address; absent where it knows none. */
export interface ResourceTags {
  pod?: string;
  /** Namespace of that pod. */
  podNamespace?: string;
  node?: string;
}

/**
 * The pod and node that DeepFlow's server finds for an address. A node's address gives the node but no pod,
 * so it says nothing of pods in the network of their host. Both are looked for in the VPC of the agent alone.
 */
export function resourceTagsOf(
  address: string | undefined,
  pods: readonly (KnownAddress & { node: string; namespace?: string })[],
  nodes: readonly KnownAddress[],
): ResourceTags {
  const node = nodes.find((known) => known.address === address);
  if (node !== undefined) return { node: node.name };
  const pod = pods.find((known) => known.address === address);
  if (pod === undefined) return {};
  const { name, namespace, node: podNode } = pod;
  return { pod: name, ...(namespace !== undefined && { podNamespace: namespace }), node: podNode };
}
