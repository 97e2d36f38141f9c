import type { ConfigSyntax } from "./collector-version.ts";
import { watchedResources, type K8sAttribute } from "./k8s-attributes.ts";

export interface PolicyRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

/**
 * The rules of the Collector's ClusterRole: what its attributes make it watch, and nothing else. An informer
 * lists and watches; it never gets a single object, so there is no `get`, although the processor's README
 * asks for it. `list` is for API servers that cannot stream the first list as a watch, and for Collectors
 * whose client does not ask for that.
 */
export function clusterRoleRules(
  attributes: readonly K8sAttribute[],
  syntax: Pick<ConfigSyntax, "deploymentName">,
): PolicyRule[] {
  const byGroup = Map.groupBy(watchedResources(attributes, syntax), ({ apiGroup }) => apiGroup);
  return [...byGroup].map(([apiGroup, watched]) => ({
    apiGroups: [apiGroup],
    resources: watched.map(({ resource }) => resource).sort(),
    verbs: ["list", "watch"],
  }));
}
