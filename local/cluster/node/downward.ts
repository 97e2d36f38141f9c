import type { V1ObjectFieldSelector, V1Pod, V1ResourceFieldSelector } from "@kubernetes/client-node";
import { containersOf } from "./pod-objects.ts";
import type { PodObjects } from "./pod-objects.ts";
import { thousandths } from "./quantity.ts";

/**
 * The value of a pod's own field, as the downward API gives it to containers. A label or annotation that the
 * pod does not have is empty.
 *
 * @throws Error for a field that the downward API does not offer.
 */
export function fieldValue(pod: V1Pod, { fieldPath }: V1ObjectFieldSelector): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (subscript) {
    const [, map, key = ""] = subscript;
    return (map === "labels" ? pod.metadata?.labels : pod.metadata?.annotations)?.[key] ?? "";
  }
  const read = fields[fieldPath];
  if (read === undefined) throw new Error(`The field ${fieldPath} is not one that the downward API offers.`);
  return read(pod) ?? "";
}

const fields: Record<string, (pod: V1Pod) => string | undefined> = {
  "metadata.name": (pod) => pod.metadata?.name,
  "metadata.namespace": (pod) => pod.metadata?.namespace,
  "metadata.uid": (pod) => pod.metadata?.uid,
  "metadata.labels": (pod) => lines(pod.metadata?.labels),
  "metadata.annotations": (pod) => lines(pod.metadata?.annotations),
  "spec.nodeName": (pod) => pod.spec?.nodeName,
  "spec.serviceAccountName": (pod) => pod.spec?.serviceAccountName,
  "status.hostIP": (pod) => pod.status?.hostIP,
  "status.hostIPs": (pod) => pod.status?.hostIPs?.map(({ ip }) => ip).join(","),
  "status.podIP": (pod) => pod.status?.podIP,
  "status.podIPs": (pod) => pod.status?.podIPs?.map(({ ip }) => ip).join(","),
};

function lines(map: Record<string, string> = {}): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

/**
 * A container's request or limit, divided as asked and rounded up. A limit that is not set is the node's
 * allocatable amount, a request that is not set is 0, as with a kubelet.
 *
 * @throws Error for a container or a resource that the pod does not have.
 */
export function resourceValue(
  pod: V1Pod,
  containerName: string,
  { resource, divisor }: V1ResourceFieldSelector,
  allocatable: PodObjects["allocatable"],
): string {
  const container = containersOf(pod).find(({ name }) => name === containerName);
  if (container === undefined) {
    throw new Error(`A resourceFieldRef names the container ${containerName}, which the pod does not have.`);
  }
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(resource);
  const [, kind, name = ""] = match ?? [];
  if (match === null) throw new Error(`${resource} is not a resource that a resourceFieldRef can name.`);
  const quantity =
    kind === "limits"
      ? (container.resources?.limits?.[name] ?? allocatable[name])
      : container.resources?.requests?.[name];
  return divide(quantity ?? "0", divisor ?? "1");
}

function divide(quantity: string, divisor: string): string {
  // Kubernetes takes a divisor of 0, which is what its API stores for none, for 1.
  const by = thousandths(divisor) || 1000n;
  return ((thousandths(quantity) + by - 1n) / by).toString();
}
