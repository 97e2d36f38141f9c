import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { Program } from "../cluster/control-plane/control-plane.ts";
import type { ServiceProcess } from "../cluster/control-plane/service-process.ts";
import { hostsFiles } from "../cluster/node/hosts.ts";
import { startInformer } from "../cluster/node/shared-informer.ts";
import { controlPlaneAddress } from "./network.ts";

/**
 * Cluster DNS for pods: dnsmasq, with a hosts file that follows the cluster's Services. It knows the same
 * names as CoreDNS does of Services with a ClusterIP, and no others.
 */
export async function startClusterDns(
  dir: string,
  kubeconfig: string,
  run: (program: Program) => ServiceProcess,
): Promise<void> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const api = kubeConfig.makeApiClient(CoreV1Api);
  const log = (line: string) => {
    console.log(line);
  };
  const services = await startInformer(
    kubeConfig,
    "/api/v1/services",
    () => api.listServiceForAllNamespaces(),
    log,
  );
  const hosts = join(dir, "dns");
  mkdirSync(hosts);
  await hostsFiles(services, log).keep(join(hosts, "services"), "");
  run({
    name: "dnsmasq",
    program: "dnsmasq",
    args: [
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--pid-file",
      "--user=root",
      "--no-hosts",
      "--no-resolv",
      "--local=/cluster.local/",
      `--listen-address=${controlPlaneAddress}`,
      "--bind-interfaces",
      // It reads what changes in here at once.
      `--hostsdir=${hosts}`,
    ],
  });
}
