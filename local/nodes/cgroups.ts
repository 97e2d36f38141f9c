import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const prefix = "deepflow-otel-nodes-";

/** The cgroup, below the root of every hierarchy, that holds all containers of one cluster. */
export function cgroupName(launcher: number): string {
  return `${prefix}${launcher}`;
}

/** The mount points of all cgroup hierarchies: one per controller with version 1, one with version 2. */
export function cgroupMounts(mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): string[] {
  // The mount point is the fifth field, the type follows the one that is a dash (man 5 proc_pid_mountinfo).
  return mountinfo.split("\n").flatMap((line) => {
    const point = line.split(" ")[4];
    return / - cgroup2? /.test(line) && point !== undefined ? [point] : [];
  });
}

/** Makes a node's cgroup in every hierarchy: a kubelet refuses to make its own root. */
export function makeCgroup(path: string): void {
  for (const mount of cgroupMounts()) mkdirSync(join(mount, path), { recursive: true });
}

/** Removes a cgroup and all below it, whose processes have just been killed. */
export async function removeCgroup(name: string): Promise<void> {
  for (const mount of cgroupMounts()) {
    const folder = join(mount, name);
    for (let attempt = 1; existsSync(folder); attempt++) {
      try {
        removeTree(folder);
      } catch (error) {
        // The kernel takes a moment to let go of processes that have been killed.
        if (attempt > 50) throw error;
        await delay(100);
      }
    }
  }
}

/** Removes what clusters have left behind whose process was killed before it could. */
export async function removeStaleCgroups(): Promise<void> {
  const names = new Set(cgroupMounts().flatMap((mount) => readdirSync(mount)));
  for (const name of names) {
    if (name.startsWith(prefix) && !existsSync(`/proc/${name.slice(prefix.length)}`))
      await removeCgroup(name);
  }
}

/** A cgroup's files cannot be removed; they go with its folder. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}
