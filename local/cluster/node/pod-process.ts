import { spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { expand } from "./expansion.ts";

/** A program that was started for a container. */
export interface RunningProgram {
  /** Absent for what runs inside the supervisor itself. */
  pid?: number;
  /** The exit code, 128 + n after signal n, as container runtimes report it. */
  exited: Promise<number>;
  /** Whether the kernel ended it because its memory limit was reached; absent where there is no limit. */
  oomKilled?: () => boolean;
  /** Asks it to end, and ends it after `graceSeconds`. Resolves when it has ended. */
  stop: (graceSeconds: number) => Promise<void>;
}

/** A file or folder of the host that a container sees under `target`. */
export interface Mount {
  source: string;
  target: string;
}

/** Whom a process runs as. */
export interface User {
  uid: number;
  gid: number;
  /** Further groups. */
  groups: number[];
}

/** What a container's process is started with. */
export interface PodProcessSpec {
  /** Folder that becomes its root. */
  root: string;
  hostname: string;
  /** In the order in which they are mounted. */
  mounts: Mount[];
  argv: string[];
  environment: Record<string, string>;
  /** Ids to run as; undefined keeps those of the supervisor. */
  user: User | undefined;
  /** File that its output is added to. */
  log: string;
  /** Its cgroup's `cgroup.procs`; undefined for a process without limits. */
  cgroupProcs?: string | undefined;
}

/**
 * Its first argument is the host name, its second the root, its third the `cgroup.procs` to join or nothing;
 * then pairs of source and target up to `--`, then the arguments of chroot. Every step replaces the one
 * before it in the same process, so signals reach the program, and the mounts are in a namespace of that
 * process, so removing the root folder cannot reach what is mounted there.
 */
const enterPod = `set -eu
hostname "$1"
root=$2
[ -z "$3" ] || echo $$ > "$3"
shift 3
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then
    mkdir -p "$root$2"
  else
    mkdir -p "$(dirname "$root$2")"
    : >> "$root$2"
  fi
  mount --rbind "$1" "$root$2"
  shift 2
done
shift
exec chroot "$@"`;

/** Starts a container's process in a root folder of its own, with the pod's host name. */
export async function startPodProcess(spec: PodProcessSpec): Promise<RunningProgram> {
  await mkdir(spec.root, { recursive: true });
  const log = await open(spec.log, "a", 0o600);
  const user =
    spec.user === undefined
      ? []
      : [`--userspec=${spec.user.uid}:${spec.user.gid}`, `--groups=${spec.user.groups.join(",")}`];
  const mounts = spec.mounts.flatMap(({ source, target }) => [source, target]);
  const child = spawn(
    "unshare",
    ["--mount", "--uts", "--", "sh", "-c", enterPod, "sh", spec.hostname, spec.root].concat(
      spec.cgroupProcs ?? "",
      mounts,
      "--",
      user,
      spec.root,
      spec.argv,
    ),
    { env: spec.environment, stdio: ["ignore", log.fd, log.fd] },
  );
  const exited = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + signalNumber(signal));
    });
  }).finally(() => log.close());
  return {
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    exited,
    stop: async (graceSeconds) => {
      child.kill("SIGTERM");
      const ended = new AbortController();
      const killed = delay(graceSeconds * 1000, undefined, { signal: ended.signal }).then(
        () => child.kill("SIGKILL"),
        () => false,
      );
      await exited.catch(() => undefined);
      ended.abort();
      await killed;
    },
  };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

/**
 * What a container executes: its command in place of the image's entry point, its args in place of the
 * image's, and no args of the image for a command of its own.
 */
export function argvOf(
  { command, args }: Pick<V1Container, "command" | "args">,
  image: { readonly path: string; readonly args: readonly string[] },
  environment: Record<string, string>,
): string[] {
  const entry = command?.length ? command : [image.path];
  const rest = args?.length ? args : command?.length ? [] : image.args;
  return [...entry, ...rest].map((argument) => expand(argument, environment));
}

/** Whom a container asks to run as: its own ids, else its pod's, else its image's. */
export function userOf(pod: V1Pod, container: V1Container, imageUser: number): User {
  const [own, pods] = [container.securityContext, pod.spec?.securityContext];
  const user = own?.runAsUser ?? pods?.runAsUser;
  // Where nobody names a group, a container runtime takes the image's for the image's user and 0 for any
  // other.
  const gid = own?.runAsGroup ?? pods?.runAsGroup ?? (user === undefined ? imageUser : 0);
  const fsGroup = pods?.fsGroup === undefined ? [] : [pods.fsGroup];
  return { uid: user ?? imageUser, gid, groups: [...fsGroup, ...(pods?.supplementalGroups ?? [])] };
}

/** Whether an id exists in this user namespace, from the text of /proc/self/uid_map or gid_map. */
export function isMapped(map: string, id: number): boolean {
  return map.split("\n").some((line) => {
    const [inside, , count] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && count !== undefined && id >= inside && id < inside + count;
  });
}
