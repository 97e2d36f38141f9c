import { nodeAddress, nodePodCidr } from "./network.ts";

/**
 * The Node objects that KWOK plays, `node-1` to `node-<count>`.
 *
 * They carry a status from the start, as a kubelet's own registration does: KWOK then keeps their addresses,
 * and gives them to pods as `status.hostIP`.
 */
export function nodeList(count: number, kubernetesVersion: string): object {
  return {
    apiVersion: "v1",
    kind: "List",
    items: Array.from({ length: count }, (_, index) => node(index + 1, kubernetesVersion)),
  };
}

/** Whatever machine this is: no image runs on simulated nodes, and those of the demos' pods are for amd64. */
const architecture = "amd64";

function node(number: number, kubernetesVersion: string): object {
  const name = `node-${number}`;
  const resources = { cpu: "32", memory: "128Gi", "ephemeral-storage": "1Ti", pods: "250" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/arch": architecture,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
      },
    },
    spec: { podCIDR: nodePodCidr(number), podCIDRs: [nodePodCidr(number)] },
    status: {
      addresses: [
        { type: "InternalIP", address: nodeAddress(number) },
        { type: "Hostname", address: name },
      ],
      capacity: resources,
      allocatable: resources,
      nodeInfo: {
        architecture,
        bootID: "",
        containerRuntimeVersion: "kwok://",
        kernelVersion: "",
        kubeProxyVersion: "",
        kubeletVersion: kubernetesVersion,
        machineID: "",
        operatingSystem: "linux",
        osImage: "KWOK",
        systemUUID: "",
      },
    },
  };
}
