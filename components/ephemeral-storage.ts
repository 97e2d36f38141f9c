/**
 * What a container reserves of its node's disk: the logs that the kubelet keeps of it, by default 5 files of
 * 10 MiB (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/, `containerLogMaxSize` and
 * `containerLogMaxFiles`).
 */
export const ephemeralStorageRequest = { "ephemeral-storage": "64Mi" };

/**
 * What a container may have on its node's disk, logs included, before the kubelet evicts its pod: enough for
 * kubelets that keep more logs than the default, and an end to files that only grow.
 */
export function ephemeralStorageLimit(gib = 1) {
  return { "ephemeral-storage": `${gib}Gi` };
}
