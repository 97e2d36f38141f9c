import { randomUUID } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import type { V1Service } from "@kubernetes/client-node";
import type { SharedInformer } from "./shared-informer.ts";

/** A pod's own line in its hosts file. */
export interface HostName {
  address: string;
  name: string;
}

/**
 * The content of /etc/hosts for pods of `namespace`: what cluster DNS would answer, that is every Service
 * with a ClusterIP under each of its names, and under its bare name for pods of its own namespace. Headless
 * Services are left out.
 */
export function hostsFile(services: readonly V1Service[], namespace: string, own?: HostName): string {
  const lines = services.flatMap((service) => {
    const address = service.spec?.clusterIP ?? "";
    if (!isIPv4(address)) return [];
    const name = service.metadata?.name ?? "";
    const inNamespace = service.metadata?.namespace ?? "";
    const full = `${name}.${inNamespace}`;
    const names = [full, `${full}.svc`, `${full}.svc.cluster.local`];
    if (inNamespace === namespace) names.push(name);
    return [`${address} ${names.join(" ")}`];
  });
  const first = ["127.0.0.1 localhost", ...(own ? [`${own.address} ${own.name}`] : [])];
  return [...first, ...lines.sort(), ""].join("\n");
}

/** Addresses by lower-case name, of a hosts file; the first line that has a name wins. */
export function parseHosts(text: string): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (address === undefined || address === "") continue;
    for (const name of names) {
      if (!addresses.has(name.toLowerCase())) addresses.set(name.toLowerCase(), address);
    }
  }
  return addresses;
}

/** Hosts files that follow the cluster's Services. */
export interface HostsFiles {
  /** Writes the file, and again whenever its content changes, until `forget`. */
  keep: (file: string, namespace: string, own?: HostName) => Promise<void>;
  forget: (file: string) => void;
}

/** Keeps hosts files up to date; a file is replaced in one step, so nobody reads half of it. */
export function hostsFiles(services: SharedInformer<V1Service>, log: (line: string) => void): HostsFiles {
  const files = new Map<string, { namespace: string; own: HostName | undefined; written: string }>();
  const write = async (file: string): Promise<void> => {
    const entry = files.get(file);
    if (entry === undefined) return;
    const content = hostsFile(services.list(), entry.namespace, entry.own);
    if (content === entry.written) return;
    entry.written = content;
    // Two changes may be written at the same time, so each needs a name of its own.
    const temporary = `${file}.${randomUUID()}`;
    await writeFile(temporary, content);
    await rename(temporary, file);
  };
  services.onChange(() => {
    for (const file of files.keys()) {
      write(file).catch((error: unknown) => {
        // The folder of a pod that is being removed goes away at any moment.
        if (files.has(file)) log(`${file} is out of date: ${String(error)}`);
      });
    }
  });
  return {
    keep: async (file, namespace, own) => {
      files.set(file, { namespace, own, written: "" });
      await write(file);
    },
    forget: (file) => {
      files.delete(file);
    },
  };
}
