import { setTimeout as sleep } from "node:timers/promises";
import { startLoneCollector } from "../test/e2e/lone-collector.ts";
import { body, spansPerRequest } from "./bodies.ts";
import { cpuSeconds, rssMib } from "./process.ts";
import { senders } from "./senders.ts";
import { spanId, spansIn, startSink } from "./sink.ts";
import { spread, type Spread } from "./statistics.ts";
import {
  documentsGzip,
  otherLoads,
  usualLoad,
  variants,
  variantsOf,
  type Load,
  type Variant,
} from "./variants.ts";

/** What a span costs in one configuration under one load. */
export interface Cost {
  readonly variant: string;
  /** Name of the load; none is the usual one. */
  readonly load?: string;
  /** CPU time of the Collector per span that arrived. */
  readonly microseconds: Spread;
  /** CPU time, in each round divided by that of the documents' pipeline under the same load. */
  readonly toDocuments: Spread;
  /** Bytes per span to DeepFlow. */
  readonly bytes: number;
  readonly rssMib: Spread;
}

export interface CostResult {
  readonly version: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly costs: readonly Cost[];
}

export interface CostOptions {
  /** Version of the Collector. */
  readonly version: string;
  /** Turns of each variant. */
  readonly rounds: number;
  /** Of each turn. */
  readonly seconds: number;
  readonly onProgress: (text: string) => void;
}

/** What one turn took. */
interface Measure {
  readonly microseconds: number;
  readonly bytes: number;
  readonly rssMib: number;
}

/** A Collector that runs from the first turn to the last. */
interface Running {
  readonly variant: string;
  readonly load?: string;
  readonly turn: (seconds: number) => Promise<Measure>;
  readonly measures: Measure[];
  readonly stop: () => Promise<void>;
}

/** Different requests, one after the other. */
const bodies = 50;

/**
 * CPU that a span costs in the Collector, side by side: all run at once and take turns, one at a time. CPU
 * time, not wall time, so that a busy machine disturbs little; what else it disturbs is in the spread.
 *
 * @throws Error if a span is lost, or arrives twice, in any of them.
 */
export async function measureCost({
  version,
  rounds,
  seconds,
  onProgress,
}: CostOptions): Promise<CostResult> {
  const running: Running[] = [];
  try {
    for (const variant of variants) running.push(await start(variant, usualLoad, version));
    for (const [name, load] of Object.entries(otherLoads)) {
      for (const variant of variantsOf(load)) {
        running.push({ ...(await start(variant, load, version)), load: name });
      }
    }
    // The first turn warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, { turn, measures }] of running.entries()) {
        onProgress(`round ${round} of ${rounds}, ${index + 1} of ${running.length}`);
        const measure = await turn(seconds);
        if (round > 0) measures.push(measure);
      }
    }
    return { version, rounds, seconds, costs: running.map((one) => costOf(one, running)) };
  } finally {
    await Promise.all(running.map(({ stop }) => stop()));
  }
}

function costOf({ variant, load, measures }: Running, all: readonly Running[]): Cost {
  const documents = all.find((one) => one.load === load && one.variant === documentsGzip.name);
  return {
    variant,
    ...(load !== undefined && { load }),
    microseconds: spread(measures.map(({ microseconds }) => microseconds)),
    toDocuments: spread(
      measures.map(
        ({ microseconds }, round) => microseconds / (documents?.measures[round]?.microseconds ?? NaN),
      ),
    ),
    bytes: spread(measures.map(({ bytes }) => bytes)).median,
    rssMib: spread(measures.map((measure) => measure.rssMib)),
  };
}

async function start(variant: Variant, load: Load, version: string): Promise<Running> {
  const sink = await startSink();
  const { change, args = {}, env } = variant;
  const collector = await startLoneCollector({ version, agentPort: sink.port, change, args, env });
  const sender = senders(load.protocol, new URL(collector.url).hostname);
  const prepared = Array.from({ length: bodies }, () => body(load.language, load.names));
  const ids = prepared.map((bytes) => spansIn(Buffer.from(bytes)).map(spanId));
  return {
    variant: variant.name,
    turn: async (seconds) => {
      const before = { ...sink.received, cpu: cpuSeconds(collector.pid) };
      const spans = await sender.send(prepared, load.spansPerSecond, seconds);
      while (sink.received.spans < before.spans + spans) await sleep(20);
      const cpu = cpuSeconds(collector.pid) - before.cpu;
      const sent = Array.from({ length: spans / spansPerRequest }, (_, index) => ids[index % bodies] ?? []);
      if (sink.takeIds().sort().join() !== sent.flat().sort().join()) {
        throw new Error(`In ${variant.name}, other spans arrived than were sent.`);
      }
      return {
        microseconds: (cpu * 1e6) / spans,
        bytes: (sink.received.bytes - before.bytes) / spans,
        rssMib: rssMib(collector.pid),
      };
    },
    measures: [],
    stop: async () => {
      sender.close();
      await collector.stop();
      await sink.stop();
    },
  };
}
