import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../terminal/error-message.ts";
import { thousandths } from "./quantity.ts";

/** The memory cgroup of one container. */
export interface MemoryCgroup {
  /** File that a process writes its id to in order to be in it, with all that it starts. */
  procs: string;
  /** How often the kernel has ended a process in it because the limit was reached. */
  oomKills: () => number;
  /** Removes it, when its processes have ended. */
  remove: () => void;
}

/** Memory cgroups of one cluster's containers, or why there are none. */
export type MemoryCgroups =
  | { enforced: true; create: (name: string, limit: string) => MemoryCgroup; remove: () => void }
  | { enforced: false; reason: string };

interface Version {
  /** Where the controller's root is. */
  root: string;
  limitFiles: string[];
  swapLimit: string;
  events: string;
}

const mount = "/sys/fs/cgroup";

/** https://docs.kernel.org/admin-guide/cgroup-v1/memory.html: swap counts with memory. */
const v1: Version = {
  root: join(mount, "memory"),
  limitFiles: ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"],
  swapLimit: "",
  events: "memory.oom_control",
};

/** https://docs.kernel.org/admin-guide/cgroup-v2.html */
const v2: Version = {
  root: mount,
  limitFiles: ["memory.max"],
  swapLimit: "memory.swap.max",
  events: "memory.events",
};

/**
 * Makes the cgroup that those of a cluster's containers are in; no other cluster has the same folder `dir`.
 */
export function memoryCgroups(dir: string): MemoryCgroups {
  const version = existsSync(join(v1.root, "memory.limit_in_bytes")) ? v1 : v2;
  const parent = join(
    version.root,
    `deepflow-otel-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`,
  );
  try {
    if (version === v2) writeFileSync(join(mount, "cgroup.subtree_control"), "+memory");
    mkdirSync(parent, { recursive: true });
    if (version === v2) writeFileSync(join(parent, "cgroup.subtree_control"), "+memory");
    removeChildren(parent);
  } catch (error) {
    const said = errorMessage(error);
    return {
      enforced: false,
      reason: `Memory limits of containers are not enforced here: no memory cgroup can be made (${said}).`,
    };
  }
  return {
    enforced: true,
    create: (child, limit) => createCgroup(version, join(parent, child), limit),
    remove: () => {
      removeChildren(parent);
      rmdirSync(parent);
    },
  };
}

function createCgroup(version: Version, folder: string, limit: string): MemoryCgroup {
  mkdirSync(folder, { recursive: true });
  const bytes = String(thousandths(limit) / 1000n);
  for (const file of version.limitFiles.filter((file) => existsSync(join(folder, file))))
    writeFileSync(join(folder, file), bytes);
  if (version.swapLimit !== "" && existsSync(join(folder, version.swapLimit)))
    writeFileSync(join(folder, version.swapLimit), "0");
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return {
    procs: join(folder, "cgroup.procs"),
    oomKills: () => Number(/^oom_kill (\d+)$/m.exec(read(version.events))?.[1] ?? 0),
    remove: () => {
      if (existsSync(folder)) rmdirSync(folder);
    },
  };
}

/** Those that a cluster which was killed has left behind have no processes any more. */
function removeChildren(parent: string): void {
  for (const entry of readdirSync(parent, { withFileTypes: true }))
    if (entry.isDirectory()) rmdirSync(join(parent, entry.name));
}
