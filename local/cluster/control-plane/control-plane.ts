import type { Toolchain } from "../toolchain/toolchain.ts";
import type { Credentials } from "./credentials.ts";
import { apiServerAddress, podCidr, serviceCidr } from "./network.ts";

/** A program of the control plane and what it is started with. */
export interface Program {
  name: string;
  program: string;
  args: string[];
}

/** Where the API server is, inside the namespace. */
export const apiServerInside = `https://${apiServerAddress}:443`;

/** A DNS name that the API server's certificate holds, for whoever reaches it by another address. */
export const apiServerName = "kubernetes.default.svc";

const etcdUrl = "http://127.0.0.1:2379";

/**
 * The data base and the API server, which start together: kube-apiserver itself waits for etcd.
 *
 * @param more further arguments of kube-apiserver; of one that is given twice the last counts.
 */
export function etcdAndApiServer(
  dir: string,
  toolchain: Toolchain,
  credentials: Credentials,
  more: readonly string[] = [],
): Program[] {
  return [
    {
      name: "etcd",
      program: toolchain.etcd,
      args: [
        `--data-dir=${dir}/etcd`,
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        "--listen-peer-urls=http://127.0.0.1:2380",
        // Nothing here outlives the cluster, so nothing has to reach the disk.
        "--unsafe-no-fsync",
        "--log-level=warn",
      ],
    },
    {
      name: "kube-apiserver",
      program: toolchain.kubeApiserver,
      args: [
        `--etcd-servers=${etcdUrl}`,
        // It listens where the Service `kubernetes` is, so pods reach it under its real address without a
        // proxy; and no reconciler has to find an address of its own, in a namespace that has no default
        // route.
        `--bind-address=${apiServerAddress}`,
        "--secure-port=443",
        `--advertise-address=${apiServerAddress}`,
        "--endpoint-reconciler-type=none",
        `--cert-dir=${credentials.certificateDir}`,
        `--service-cluster-ip-range=${serviceCidr}`,
        "--authorization-mode=Node,RBAC",
        `--token-auth-file=${credentials.tokenFile}`,
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        `--service-account-key-file=${credentials.serviceAccountPublicKey}`,
        `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
        "--allow-privileged",
        "--profiling=false",
        ...more,
      ],
    },
  ];
}

/** What acts on the API server's objects: controllers and the scheduler. */
export function controllers(toolchain: Toolchain, credentials: Credentials, kubeconfig: string): Program[] {
  const client = [`--kubeconfig=${kubeconfig}`, "--kube-api-qps=500", "--kube-api-burst=1000"];
  // One of each is all there is, and nobody asks for their metrics.
  const alone = ["--leader-elect=false", "--secure-port=0"];
  return [
    {
      name: "kube-controller-manager",
      program: toolchain.kubeControllerManager,
      args: [
        ...client,
        ...alone,
        `--cluster-cidr=${podCidr}`,
        `--root-ca-file=${credentials.certificateAuthority}`,
        `--service-account-private-key-file=${credentials.serviceAccountKey}`,
      ],
    },
    { name: "kube-scheduler", program: toolchain.kubeScheduler, args: [...client, ...alone] },
  ];
}

/** KWOK, which simulates nodes and pods by its stages. */
export function kwok(toolchain: Toolchain, kubeconfig: string, stages: readonly string[]): Program {
  return {
    name: "kwok",
    program: toolchain.kwok,
    args: [
      `--kubeconfig=${kubeconfig}`,
      "--manage-all-nodes",
      `--cidr=${podCidr}`,
      "--node-lease-duration-seconds=40",
      // At INFO it tells of every lease that it renews.
      "--v=WARN",
      ...stages.map((file) => `--config=${file}`),
    ],
  };
}
