import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "../terminal/error-message.ts";
import type { RunningProgram } from "./pod-process.ts";

/** What is known of a container that something really runs for. */
export interface ContainerState {
  running: boolean;
  /**
   * Process id as the supervisor sees it; absent while nothing runs, and for what has no process of its own.
   */
  pid?: number;
  /** How often it was started again. */
  restarts: number;
  lastExitCode?: number;
  /** How often its memory limit ended it; absent while it never did. */
  oomKills?: number;
  /** Why it could not be started; absent once it could. */
  error?: string;
}

/** A container that is kept running. */
export interface Container {
  state: () => ContainerState;
  /**
   * Ends it for good, as a kubelet does: after its `preStop`, which counts against the grace period, SIGTERM,
   * and SIGKILL when the period is over. Both in seconds; two are left after a `preStop` that takes them all
   * (kubernetes `pkg/kubelet/kuberuntime`, minimumGracePeriodInSeconds).
   */
  stop: (graceSeconds: number, preStopSeconds?: number) => Promise<void>;
}

/** Seconds between SIGTERM and SIGKILL at least. */
const leastGraceSeconds = 2;

export type RestartPolicy = "Always" | "OnFailure" | "Never";

/**
 * Whether a container is started again after it ended with `exitCode`; undefined: it could not even be
 * started.
 */
export function isRestarted(policy: RestartPolicy, exitCode: number | undefined): boolean {
  return exitCode === undefined || policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/**
 * Seconds before restart number `restart` (from 1): doubling from 1, so tests need not wait for a kubelet's
 * 10, to 300.
 */
export function backOffSeconds(restart: number): number {
  return Math.min(2 ** (restart - 1), 300);
}

/** A container that ran this long starts its back-off anew, in milliseconds: a kubelet's ten minutes. */
const settledAfterMs = 600_000;

/** Starts a container with `launch`, and again, with back-off, whenever it ends and its policy says so. */
export function runContainer(
  launch: () => Promise<RunningProgram>,
  policy: RestartPolicy,
  log: (line: string) => void,
): Container {
  const state: ContainerState = { running: false, restarts: 0 };
  const stopping = new AbortController();
  let current: RunningProgram | undefined;
  let stopGraceSeconds = 0;

  const runOnce = async (): Promise<number | undefined> => {
    try {
      current = await launch();
      delete state.error;
      state.running = true;
      if (current.pid !== undefined) state.pid = current.pid;
      // Asked to stop while it was being started.
      if (stopping.signal.aborted) await current.stop(stopGraceSeconds);
      const exitCode = await current.exited;
      state.lastExitCode = exitCode;
      const oomKilled = current.oomKilled?.() ?? false;
      if (oomKilled) state.oomKills = (state.oomKills ?? 0) + 1;
      if (!stopping.signal.aborted)
        log(`ended with exit code ${exitCode}${oomKilled ? ": its memory limit was reached" : ""}`);
      return exitCode;
    } catch (error) {
      state.error = errorMessage(error);
      log(`could not be started: ${state.error}`);
      return undefined;
    } finally {
      current = undefined;
      state.running = false;
      delete state.pid;
    }
  };

  const runAlways = async (): Promise<void> => {
    let backOff = 0;
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      const exitCode = await runOnce();
      if (!isRestarted(policy, exitCode)) return;
      backOff = performance.now() - startedAt > settledAfterMs ? 1 : backOff + 1;
      const aborted = await delay(backOffSeconds(backOff) * 1000, false, { signal: stopping.signal }).catch(
        () => true,
      );
      if (!aborted) state.restarts += 1;
    }
  };
  const ended = runAlways();

  return {
    state: () => ({ ...state }),
    stop: async (graceSeconds, preStopSeconds = 0) => {
      const preStop = Math.min(preStopSeconds, graceSeconds);
      stopGraceSeconds = Math.max(graceSeconds - preStop, Math.min(graceSeconds, leastGraceSeconds));
      stopping.abort();
      if (preStop > 0 && current !== undefined) {
        await Promise.race([delay(preStop * 1000), current.exited.catch(() => undefined)]);
      }
      await current?.stop(stopGraceSeconds);
      await ended;
    },
  };
}
