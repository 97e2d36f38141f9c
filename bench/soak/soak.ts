import { randomFillSync } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { QueueStorage } from "../../components/otel-agent/queue.ts";
import { body, spansPerRequest } from "../bodies.ts";
import { spanIdBytes, spansIn } from "../sink.ts";
import { RestartedCollector, type CollectorState } from "./collector.ts";
import { FaultyDeepFlow } from "./deepflow.ts";
import { faults, usualRate, type Fault } from "./faults.ts";
import { Ledger, type Account } from "./ledger.ts";

/** What became of the spans that were sent during one fault. */
export interface FaultResult extends Account, CollectorState {
  readonly fault: string;
  /** Spans that the Collector did not take, and that a sender has to send again. */
  readonly refused: number;
  /** Seconds after the end of the fault until all that had been accepted was with DeepFlow. */
  readonly caughtUpSeconds?: number;
}

export interface SoakOptions {
  readonly version: string;
  readonly storage: QueueStorage;
  /** Names of the faults, in order. */
  readonly faults: Iterable<string>;
  /** How long each fault lasts. */
  readonly seconds: number;
  readonly onResult: (result: FaultResult) => void;
  /** Told why the Collector's memory limit is not enforced. */
  readonly onUnenforced: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** Seconds after which a span counts as lost: several pauses between retries, and timeouts. */
const deadlineSeconds = 40;

/** What is sent again comes within the longest pause between retries: 5 s and a half of that. */
const longestPauseSeconds = 8;

/** Some faults take no time at all, so spans are sent before. */
const beforeFaultMs = 1_000;

/**
 * Injects faults around a real Collector under load, and accounts for every span.
 *
 * The sender does not retry: what the Collector refuses was never its own.
 */
export async function soak(options: SoakOptions): Promise<void> {
  const { version, storage, seconds, onResult, signal } = options;
  const ledger = new Ledger();
  const deepFlow = new FaultyDeepFlow(ledger);
  await deepFlow.come();
  const collector = new RestartedCollector(version, deepFlow.port, storage);
  const sender = new Sender(ledger, collector);
  if (collector.unenforced !== undefined) options.onUnenforced(collector.unenforced);
  try {
    await collector.start();
    for (const name of options.faults) {
      if (signal.aborted) return;
      const fault: Fault | undefined = faults[name];
      if (!fault)
        throw new Error(`There is no fault "${name}"; use one of: ${Object.keys(faults).join(", ")}.`);
      collector.takeState();
      sender.start();
      await sleep(beforeFaultMs);
      const target = {
        deepFlow,
        collector,
        seconds,
        setRate: (rate: number) => (sender.rate = rate),
        sendLarge: (senders: number, spans: number) => sender.sendLarge(senders, spans, seconds),
      };
      await fault(target);
      const mended = performance.now();
      const refused = await sender.stop();
      let account = ledger.account();
      while (account.lost > 0 && performance.now() - mended < deadlineSeconds * 1000) {
        await sleep(200);
        account = ledger.account();
      }
      const caughtUpSeconds = (performance.now() - mended) / 1000;
      while (ledger.quietSeconds < longestPauseSeconds) await sleep(200);
      onResult({
        fault: name,
        ...ledger.settle(),
        refused,
        ...(account.lost === 0 && { caughtUpSeconds }),
        ...collector.takeState(),
      });
    }
  } finally {
    await sender.stop();
    await collector.stop();
    await deepFlow.go();
    collector.remove();
  }
}

/** Sends spans, each with an id of its own, at a rate. */
class Sender {
  rate = usualRate;
  readonly #template = body("java");
  readonly #ledger: Ledger;
  readonly #collector: RestartedCollector;
  #running: Promise<void> | undefined;
  #stopped = false;
  #refused = 0;

  constructor(ledger: Ledger, collector: RestartedCollector) {
    this.#ledger = ledger;
    this.#collector = collector;
  }

  start(): void {
    this.#stopped = false;
    this.#refused = 0;
    this.#running = this.#run();
  }

  /** Resolves when every request is answered, with the number of spans that were refused. */
  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#running;
    this.#running = undefined;
    return this.#refused;
  }

  async #run(): Promise<void> {
    const answers = new Set<Promise<unknown>>();
    let due = performance.now();
    while (!this.#stopped) {
      // More than a second behind is not made up for.
      due = Math.max(due, performance.now() - 1_000);
      if (due <= performance.now()) {
        const answer: Promise<unknown> = this.#send().finally(() => answers.delete(answer));
        answers.add(answer);
        due += (1000 * spansPerRequest) / this.rate;
        await nextTurn();
      } else {
        await sleep(1);
      }
    }
    await Promise.all(answers);
  }

  /** Sends requests of so many spans from so many senders at once, and resolves when all are answered. */
  async sendLarge(senders: number, spans: number, seconds: number): Promise<void> {
    const template = body("java", "today", spans);
    const end = performance.now() + seconds * 1000;
    const sendOn = async () => {
      // As an SDK waits at least before it sends again what was refused.
      while (performance.now() < end) if (!(await this.#send(template))) await sleep(1_000);
    };
    await Promise.all(Array.from({ length: senders }, sendOn));
  }

  async #send(template = this.#template): Promise<boolean> {
    const request = Buffer.from(template);
    const ids = spansIn(request).map((span) => randomFillSync(spanIdBytes(span)).toString("hex"));
    const taken = await this.#collector.takes(request);
    if (taken) this.#ledger.accept(ids);
    else this.#refused += ids.length;
    return taken;
  }
}
