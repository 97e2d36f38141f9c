import { rm } from "node:fs/promises";
import { untilFree, withLock } from "../toolchain/lock.ts";
import { kill } from "./process-id.ts";
import { readState, removeSockets, runLock, startLock } from "./state.ts";

/**
 * Stops the cluster of a folder, if one runs, and removes the folder with whatever a crashed one left behind.
 * Returns whether one ran. Waits for a start of that cluster that is under way.
 */
export function stopCluster(dir: string): Promise<boolean> {
  return withLock(startLock(dir), {}, () => endCluster(dir));
}

/** The same, for whoever holds the start lock already. */
export async function endCluster(dir: string): Promise<boolean> {
  const state = readState(dir);
  let ran = false;
  await untilFree(runLock(dir), (pid) => {
    ran = true;
    process.kill(pid, "SIGTERM");
  });
  if (state !== undefined) {
    // Only left where its launcher was killed a moment ago.
    kill(state.namespace);
    removeSockets(dir, state.socketDir);
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  return ran;
}
