import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueueStorage } from "../../components/otel-agent/queue.ts";
import { startLoneCollector, type LoneCollector } from "../../test/e2e/lone-collector.ts";
import { peakRssMib } from "../process.ts";

/** A Collector that is ended and started again on the same queue, as its pod's restarts are. */
export class RestartedCollector {
  readonly #version: string;
  readonly #agentPort: number;
  readonly #storage: QueueStorage;
  readonly #folder = mkdtempSync(join(tmpdir(), "soak-queue-"));
  #running: LoneCollector | undefined;
  #peakRssMib = 0;

  constructor(version: string, agentPort: number, storage: QueueStorage) {
    this.#version = version;
    this.#agentPort = agentPort;
    this.#storage = storage;
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
    this.#running = await startLoneCollector({
      version: this.#version,
      agentPort: this.#agentPort,
      args: { queue: { storage: this.#storage } },
      queueFolder: this.#folder,
    });
  }

  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    this.#notePeak();
    const running = this.#running;
    this.#running = undefined;
    await running?.stop(signal);
  }

  /** The most memory that it had resident since the last call, in MiB, before a restart too. */
  takePeakRssMib(): number {
    this.#notePeak();
    const peak = this.#peakRssMib;
    this.#peakRssMib = 0;
    return peak;
  }

  #notePeak(): void {
    if (this.#running) this.#peakRssMib = Math.max(this.#peakRssMib, peakRssMib(this.#running.pid));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
