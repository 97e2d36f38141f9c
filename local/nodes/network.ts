import { apiServerAddress, nodeAddress, nodePodCidr } from "../cluster/control-plane/network.ts";

/**
 * Where the control plane is on the nodes' network: the API server, cluster DNS, and whatever a test starts
 * there.
 */
export const controlPlaneAddress = "10.0.0.254";

/** More would get the control plane's address. */
export const mostNodes = 253;

/** Shell commands that make the control plane's side of the nodes' network: a bridge that they join. */
export const controlPlaneNetwork = [
  "ip link set lo up",
  // The control plane's programs call the API server by its Service's address, without a kube-proxy.
  `ip address add ${apiServerAddress}/32 dev lo`,
  "ip link add nodes type bridge",
  `ip address add ${controlPlaneAddress}/24 dev nodes`,
  "ip link set nodes up",
].join(" && ");

/** Shell commands, for the control plane's namespace, that connect node `number`, which `pid` holds. */
export function nodeLink(number: number, pid: number): string {
  return [
    `ip link add node-${number} type veth peer name eth0 netns ${pid}`,
    `ip link set node-${number} master nodes up`,
    `ip route add ${nodePodCidr(number)} via ${nodeAddress(number)}`,
  ].join(" && ");
}

/** Shell commands, for the namespace of node `number` of `count`, that give it its address and routes. */
export function nodeNetwork(number: number, count: number): string {
  const others = Array.from({ length: count }, (_, index) => index + 1).filter((other) => other !== number);
  return [
    "ip link set lo up",
    `ip address add ${nodeAddress(number)}/24 dev eth0`,
    "ip link set eth0 up",
    `ip route add default via ${controlPlaneAddress}`,
    // Otherwise packets to a pod that is gone would go round, by the default route and back.
    `ip route add unreachable ${nodePodCidr(number)}`,
    ...others.map((other) => `ip route add ${nodePodCidr(other)} via ${nodeAddress(other)}`),
    "sysctl -qw net.ipv4.ip_forward=1",
  ].join(" && ");
}

/**
 * What containerd's CNI plugins do for each pod of node `number`: a link of its own, which is routed, so that
 * kube-proxy's rules see connections between pods of one node, too. Pods keep their addresses on the way.
 */
export function podNetwork(number: number): object {
  return {
    cniVersion: "0.4.0",
    name: "pods",
    plugins: [
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: nodePodCidr(number) }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  };
}
