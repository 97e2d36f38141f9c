import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CoreV1Api, V1Container, V1Pod, V1Volume } from "@kubernetes/client-node";
import { expand } from "./expansion.ts";
import type { HostsFiles } from "./hosts.ts";
import type { Executable } from "./image-programs.ts";
import type { MemoryCgroups } from "./memory-cgroup.ts";
import { environmentOf } from "./pod-env.ts";
import { fetchPodObjects } from "./pod-objects.ts";
import type { PodObjects } from "./pod-objects.ts";
import { argvOf, isMapped, startPodProcess, userOf } from "./pod-process.ts";
import type { Mount, RunningProgram, User } from "./pod-process.ts";
import { volumeContent, writeVolume } from "./pod-volumes.ts";
import type { VolumeContent } from "./pod-volumes.ts";

export interface ContainerProcessOptions {
  api: CoreV1Api;
  pod: V1Pod;
  container: V1Container;
  executable: Executable;
  /** The pod's folder. */
  dir: string;
  /** What stands for the file system of the pod's node. */
  nodeDir: string;
  log: string;
  hosts: HostsFiles;
  cgroups: MemoryCgroups;
}

/**
 * Parts of the machine that every container runtime lends to containers, as far as the programs here look at
 * them.
 */
const machine: Mount[] = ["/proc", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"].map((path) => ({
  source: path,
  target: path,
}));

/**
 * Starts a program as the pod's container would: its root, user, environment, volumes and arguments are those
 * that the pod asks for, and its memory limit where cgroups can be written. A CPU limit and a read-only root
 * are not enforced.
 *
 * @throws Error when the pod refers to something that does not exist or is not supported here.
 */
export async function startContainerProcess(options: ContainerProcessOptions): Promise<RunningProgram> {
  const { api, pod, container, executable, dir, nodeDir, log, hosts, cgroups } = options;
  const user = possible(userOf(pod, container, executable.user));
  const objects = await fetchPodObjects(api, pod);
  const environment = environmentOf(pod, container, objects);

  const volumes = join(dir, "volumes~");
  const fsGroup = user === undefined ? undefined : pod.spec?.securityContext?.fsGroup;
  for (const volume of pod.spec?.volumes ?? []) {
    if (nodeFolderOf(volume, nodeDir) !== undefined) continue;
    const folder = join(volumes, volume.name);
    await writeVolume(folder, contentOf(pod, volume, objects, existsSync(folder)), fsGroup);
  }

  const mounts = mountsOf(pod, container, { volumes, nodeDir }, environment);

  const root = join(dir, container.name, "root");
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, "etc"), { recursive: true });
  // Names come from the hosts file alone, so a look-up of any other fails at once.
  await writeFile(join(root, "etc", "nsswitch.conf"), "hosts: files\n");
  await writeFile(join(root, "etc", "resolv.conf"), "");
  const hostname = environment["HOSTNAME"] ?? "";
  const hostsPath = join(root, "etc", "hosts");
  await hosts.keep(hostsPath, pod.metadata?.namespace ?? "", {
    address: pod.status?.podIP ?? "",
    name: hostname,
  });

  const limit = container.resources?.limits?.["memory"];
  const cgroup =
    cgroups.enforced && limit !== undefined
      ? cgroups.create(`${pod.metadata?.uid ?? ""}-${container.name}`, limit)
      : undefined;
  const running = await startPodProcess({
    root,
    hostname,
    mounts: [...machine, { source: executable.file, target: executable.path }, ...mounts],
    argv: argvOf(container, executable, environment),
    environment,
    user,
    log,
    cgroupProcs: cgroup?.procs,
  });
  let oomKilled = false;
  const exited = running.exited.finally(() => {
    hosts.forget(hostsPath);
    oomKilled = (cgroup?.oomKills() ?? 0) > 0;
    cgroup?.remove();
  });
  return { ...running, exited, oomKilled: () => oomKilled };
}

/** A volume's content; nothing new where what it is made from is gone: a pod keeps what was mounted once. */
function contentOf(pod: V1Pod, volume: V1Volume, objects: PodObjects, isMounted: boolean): VolumeContent {
  try {
    return volumeContent(pod, volume, objects);
  } catch (error) {
    if (isMounted) return [];
    throw error;
  }
}

/**
 * The user, or undefined where this user namespace does not have it: then the process keeps the only one
 * there is.
 */
function possible(user: User): User | undefined {
  const uids = readFileSync("/proc/self/uid_map", "utf8");
  const gids = readFileSync("/proc/self/gid_map", "utf8");
  const mapped = isMapped(uids, user.uid) && [user.gid, ...user.groups].every((gid) => isMapped(gids, gid));
  return mapped ? user : undefined;
}

/** Where a volume that is a folder of the node is; `undefined` for other volumes. */
function nodeFolderOf({ hostPath }: V1Volume, nodeDir: string): string | undefined {
  return hostPath?.type === "DirectoryOrCreate" ? join(nodeDir, hostPath.path) : undefined;
}

/** Outer mounts come before those inside them. */
function mountsOf(
  pod: V1Pod,
  container: V1Container,
  { volumes, nodeDir }: { readonly volumes: string; readonly nodeDir: string },
  environment: Readonly<Record<string, string>>,
): Mount[] {
  return (container.volumeMounts ?? [])
    .map(({ name, mountPath, subPath, subPathExpr }) => {
      const inside = subPathExpr === undefined ? (subPath ?? "") : expand(subPathExpr, environment);
      const volume = pod.spec?.volumes?.find((one) => one.name === name);
      const nodeFolder = volume && nodeFolderOf(volume, nodeDir);
      const source = join(nodeFolder ?? join(volumes, name), inside);
      // As a kubelet does: a part of an empty volume comes into being when it is mounted, and so does a
      // folder of the node, which belongs to root alone.
      if (volume?.emptyDir || nodeFolder !== undefined) mkdirSync(source, { recursive: true });
      if (volume?.emptyDir) chmodSync(source, 0o777);
      if (!existsSync(source)) {
        throw new Error(
          `Container ${container.name} mounts ${inside} of the volume ${name}, which has no such file.`,
        );
      }
      return { source, target: mountPath };
    })
    .sort((a, b) => a.target.length - b.target.length);
}
