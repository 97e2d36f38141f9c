/**
 * The recommended labels (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/)
 * in two parts: `selector` never changes, because a workload's selector is immutable; `labels` is what its
 * objects carry.
 *
 * @param partOf the application that it belongs to.
 */
export function standardLabels(name: string, component: string, partOf = "deepflow-otel") {
  const selector = { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": partOf };
  return {
    selector,
    labels: {
      ...selector,
      "app.kubernetes.io/component": component,
      "app.kubernetes.io/managed-by": "deepflow-otel",
    },
  };
}

/** Levels of the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/**
 * Labels of a namespace that holds its pods to a Pod Security level, and warns on `kubectl apply` about the
 * rest.
 */
export function podSecurityLabels(level: PodSecurityLevel) {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/warn": level,
  };
}

/**
 * Annotations of a Service that is there at once. Without them Pulumi's provider waits ten seconds for the
 * endpoints of each Service to settle (`provider/pkg/await/service.go`), one after the other along a demo's
 * call graph; what has to wait for pods waits for their workload. A load balancer is waited for: its address
 * comes later.
 */
export function serviceAnnotations(type: string) {
  return type === "LoadBalancer" ? undefined : { "pulumi.com/skipAwait": "true" };
}
