import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { missingRequirement } from "../cluster/control-plane/requirements.ts";
import { isOnPath, searchPath } from "../cluster/toolchain/search-path.ts";
import { missingNodePrograms } from "../cluster/toolchain/toolchain.ts";
import { cgroupMounts } from "./cgroups.ts";
import { cniPlugins } from "./node-config.ts";

/** Programs that are not compiled here, and the Debian packages that have them. */
const packages: Readonly<Record<string, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  iptables: "iptables",
  dnsmasq: "dnsmasq-base",
  nsenter: "util-linux",
};

/** One sentence that says what this machine lacks to run real nodes and what to do, or undefined. */
export function missingNodeRequirement(): string | undefined {
  return (
    missingRoot() ?? missingRequirement() ?? missingPackages() ?? missingNodePrograms() ?? missingCgroups()
  );
}

function missingRoot(): string | undefined {
  if (process.getuid?.() === 0) return undefined;
  return "Real nodes need root, for cgroups and mounts: run the tests as root, in a virtual machine if need be.";
}

function missingPackages(): string | undefined {
  const missing = Object.keys(packages).filter((program) => !isOnPath(program, searchPath()));
  const names = new Set(missing.map((program) => packages[program]));
  for (const plugin of ["ptp", "host-local", "loopback"])
    if (!existsSync(join(cniPlugins, plugin))) names.add("containernetworking-plugins");
  if (names.size === 0) return undefined;
  return `Real nodes need programs that are not here: apt-get install --no-install-recommends ${[...names].join(" ")}.`;
}

function missingCgroups(): string | undefined {
  const mounts = cgroupMounts();
  if (mounts.length > 0 && mounts.every(isWritable)) return undefined;
  return "Real nodes need cgroups that can be written: in a container, start it with --privileged.";
}

function isWritable(folder: string): boolean {
  try {
    // Root may write anywhere but to what is mounted read-only.
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
