import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Toolchain } from "../toolchain/toolchain.ts";
import type { ProcessId } from "./process-id.ts";

/** What a running cluster writes down about itself, for processes that want to use or stop it. */
export interface State {
  name: string;
  /** The process outside that everything depends on. */
  launcher: ProcessId;
  /** The process that holds the namespaces; ending it ends all that is in them. */
  namespace: ProcessId;
  apiServer: string;
  /** Where published ports of Services are reached on this machine. */
  published: Record<string, { host: string; port: number }>;
  socketDir: string;
  /** The programs it runs, which a later go.mod would not lead to. */
  toolchain: Toolchain;
  /** Whether the start is complete. */
  ready: boolean;
}

/** The git-ignored folder that holds one folder per cluster. */
export const stateRoot = join(import.meta.dirname, "..", "..", "..", ".local");

/** The folder of a cluster. Throws a sentence where the name would not make a good one. */
export function stateDir(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `A cluster cannot be named "${name}": use up to 40 lower-case letters, digits and dashes, such as "dev".`,
    );
  }
  return join(stateRoot, name);
}

/** What the cluster of that folder wrote down; undefined where there is none. */
export function readState(dir: string): State | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, fileName), "utf8")) as State;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Replaces what is written down, in one go: a reader sees the old or the new. */
export function writeState(dir: string, state: State): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const temporary = join(dir, `${fileName}.new`);
  writeFileSync(temporary, JSON.stringify(state, undefined, 2), { mode: 0o600 });
  renameSync(temporary, join(dir, fileName));
}

const fileName = "state.json";

/** Takes back what `writeState` wrote. */
export function removeState(dir: string): void {
  rmSync(join(dir, fileName), { force: true });
}

/** The name of the lock that a cluster's launcher holds as long as it lives. */
export function runLock(dir: string): string {
  return join(dir, "run");
}

/** The name of the lock that a process holds while it starts a cluster or clears it away. */
export function startLock(dir: string): string {
  return join(dir, "start");
}

/**
 * The unix sockets of a cluster. They cross the border of its network namespace, since a file system has
 * none.
 */
export function sockets(socketDir: string): { api: string; control: string } {
  return { api: join(socketDir, "api.sock"), control: join(socketDir, "control.sock") };
}

/** The unix socket of the published port of that index, from 0. */
export function publishedSocket(socketDir: string, index: number): string {
  return join(socketDir, `port-${index}.sock`);
}

/** Removes the sockets, and the folder that was made for them if it is not the cluster's own. */
export function removeSockets(dir: string, socketDir: string): void {
  const files = existsSync(socketDir) ? readdirSync(socketDir) : [];
  for (const file of files.filter((name) => name.endsWith(".sock")))
    rmSync(join(socketDir, file), { force: true });
  if (socketDir !== dir) rmSync(socketDir, { recursive: true, force: true });
}
