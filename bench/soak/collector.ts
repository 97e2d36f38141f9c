import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueueStorage } from "../../components/otel-agent/queue.ts";
import { memoryCgroups, type MemoryCgroup } from "../../local/cluster/node/memory-cgroup.ts";
import { memoryLimitMib, startLoneCollector, type LoneCollector } from "../../test/e2e/lone-collector.ts";
import { peakRssMib } from "../process.ts";

/**
 * A Collector that is ended and started again on the same queue and in the same memory limit, as a container
 * in its pod is.
 */
export class RestartedCollector {
  readonly #version: string;
  readonly #agentPort: number;
  readonly #storage: QueueStorage;
  readonly #folder = mkdtempSync(join(tmpdir(), "soak-queue-"));
  readonly #cgroups = memoryCgroups(this.#folder);
  readonly #cgroup: MemoryCgroup | undefined;
  #running: LoneCollector | undefined;
  /** Settled while no Collector is being started again after an end that nobody asked for. */
  #restarted = Promise.resolve();
  #peakRssMib = 0;
  #crashes = 0;
  #oomKills = 0;

  constructor(version: string, agentPort: number, storage: QueueStorage) {
    this.#version = version;
    this.#agentPort = agentPort;
    this.#storage = storage;
    if (this.#cgroups.enforced) this.#cgroup = this.#cgroups.create("collector", `${memoryLimitMib}Mi`);
  }

  /** Why its memory limit is not enforced. */
  get unenforced(): string | undefined {
    return this.#cgroups.enforced ? undefined : this.#cgroups.reason;
  }

  /** The id of its process, while it runs. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** Sends it a request, and returns whether it took that. It takes nothing while it is down. */
  async takes(request: Uint8Array): Promise<boolean> {
    try {
      return (await this.#running?.sendBytes(request)) === 200;
    } catch {
      return false;
    }
  }

  async start(): Promise<void> {
    const running = await startLoneCollector({
      version: this.#version,
      agentPort: this.#agentPort,
      args: { queue: { storage: this.#storage } },
      queueFolder: this.#folder,
      cgroupProcs: this.#cgroup?.procs,
    });
    this.#running = running;
    void running.exited.then(() => {
      if (this.#running === running) this.#restarted = this.#startAgain(running);
    });
  }

  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#restarted;
    this.#notePeak();
    const running = this.#running;
    this.#running = undefined;
    await running?.stop(signal);
  }

  /** What became of it since the last call. */
  takeState(): CollectorState {
    this.#notePeak();
    const oomKills = this.#cgroup?.oomKills() ?? 0;
    const state = {
      peakRssMib: this.#peakRssMib,
      crashes: this.#crashes,
      oomKills: oomKills - this.#oomKills,
    };
    this.#peakRssMib = 0;
    this.#crashes = 0;
    this.#oomKills = oomKills;
    return state;
  }

  /** Removes what it has left behind, once it has stopped. */
  remove(): void {
    this.#cgroup?.remove();
    if (this.#cgroups.enforced) this.#cgroups.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** As a kubelet starts a container that has ended by itself. */
  async #startAgain(ended: LoneCollector): Promise<void> {
    this.#crashes += 1;
    this.#running = undefined;
    await ended.stop();
    await this.start();
  }

  #notePeak(): void {
    if (this.#running === undefined) return;
    try {
      this.#peakRssMib = Math.max(this.#peakRssMib, peakRssMib(this.#running.pid));
    } catch {
      // It has ended by itself a moment ago, and its figures with it.
    }
  }
}

/** What became of a Collector. */
export interface CollectorState {
  /** The most memory that it had resident, in MiB, before a restart too. */
  readonly peakRssMib: number;
  /** How often it ended although nobody asked it to. */
  readonly crashes: number;
  /** How often the kernel ended it because its memory limit was reached. */
  readonly oomKills: number;
}
