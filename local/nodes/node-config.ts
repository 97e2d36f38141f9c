import { podCidr } from "../cluster/control-plane/network.ts";
import { controlPlaneAddress } from "./network.ts";

/** The image of the program that holds a pod's namespaces. */
export const pauseImage = "deepflow-otel.local/pause:1";

/** Where containerd listens, in the node's mount namespace. */
export const containerdSocket = "/run/containerd/containerd.sock";

/** Where containerd keeps the process id of each container, in the node's mount namespace. */
export function initPidFile(container: string): string {
  return `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${container}/init.pid`;
}

/**
 * containerd's configuration (TOML).
 *
 * @param cniDir the folder of the pods' network configuration.
 */
export function containerdConfig(cniDir: string): string {
  const plugin = '[plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
address = "${containerdSocket}"
${plugin}]
sandbox_image = "${pauseImage}"
# Root in a container may not lower it below its own.
restrict_oom_score_adj = true
disable_apparmor = true
${plugin}.cni]
bin_dir = "${cniPlugins}"
conf_dir = "${cniDir}"
${plugin}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
${plugin}.containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** Where Debian's package containernetworking-plugins has them. */
export const cniPlugins = "/usr/lib/cni";

/**
 * A KubeletConfiguration.
 *
 * @param cgroup the node's own, as a path below the root of the hierarchies.
 */
export function kubeletConfig(cgroup: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Nobody but the cluster itself reaches its port.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    clusterDNS: [controlPlaneAddress],
    clusterDomain: "cluster.local",
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    // How full this machine's disk is, is no matter of a test.
    evictionHard: {
      "memory.available": "0%",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
    },
    imageGCHighThresholdPercent: 100,
  };
}

/** A KubeProxyConfiguration. */
export function kubeProxyConfig(kubeconfig: string): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clientConnection: { kubeconfig },
    clusterCIDR: podCidr,
    // These limits are the machine's, not the namespace's: 0 leaves them alone.
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: "0s",
      tcpCloseWaitTimeout: "0s",
    },
  };
}

/**
 * Settings of the kernel that a kubelet writes for the whole machine, with the values that it wants
 * (setupKernelTunables in k8s.io/kubernetes/pkg/kubelet/cm/container_manager_linux.go).
 */
export const kernelTunables: Readonly<Record<string, number>> = {
  "/proc/sys/vm/overcommit_memory": 1,
  "/proc/sys/vm/panic_on_oom": 0,
  "/proc/sys/kernel/panic": 10,
  "/proc/sys/kernel/panic_on_oops": 1,
  "/proc/sys/kernel/keys/root_maxkeys": 1_000_000,
  "/proc/sys/kernel/keys/root_maxbytes": 25_000_000,
};

/** Folders that a node's programs write to by fixed names: in the node's mount namespace they are its own. */
const ownFolders = ["/run", "/var/lib", "/var/log"];

/**
 * Shell commands, for a node's new mount namespace, that keep its programs from the machine's files.
 *
 * @param maskDir a folder for the files that stand in for the kernel's settings.
 */
export function nodeMounts(maskDir: string): string {
  return [
    ...ownFolders.map((folder) => `mount -t tmpfs -o mode=755 tmpfs ${folder}`),
    ...Object.entries(kernelTunables).flatMap(([file, value], index) => [
      `echo ${value} > ${maskDir}/${index}`,
      `mount --bind ${maskDir}/${index} ${file}`,
    ]),
  ].join(" && ");
}
