import { setTimeout as sleep } from "node:timers/promises";
import type { RestartedCollector } from "./collector.ts";
import { behaviours, type Behaviour, type FaultyDeepFlow } from "./deepflow.ts";

/** What a fault may act on. */
export interface FaultTarget {
  readonly deepFlow: FaultyDeepFlow;
  readonly collector: RestartedCollector;
  /** Spans per second, until it is set again. */
  readonly setRate: (spansPerSecond: number) => void;
  /** Sends requests of so many spans from so many senders at once, as long as a fault lasts. */
  readonly sendLarge: (senders: number, spans: number) => Promise<void>;
  /** How long a fault lasts. */
  readonly seconds: number;
}

/** Breaks something, and has mended it when the promise resolves. */
export type Fault = (target: FaultTarget) => Promise<void>;

/** Spans per second where a fault says nothing else. */
export const usualRate = 1_000;

const overload = 20_000;

/** Every known fault by its name. */
export const faults: Readonly<Record<string, Fault>> = {
  none: ({ seconds }) => sleep(seconds * 1000),
  "DeepFlow is away": away,
  ...Object.fromEntries(
    behaviours
      .filter((behaviour) => behaviour !== "right")
      .map((behaviour) => [`DeepFlow: ${behaviour}`, answers(behaviour)]),
  ),
  "kill -9": ({ collector }) => collector.restart("SIGKILL"),
  SIGTERM: ({ collector }) => collector.restart("SIGTERM"),
  "kill -9 while DeepFlow is away": (target) => away(target, () => target.collector.restart("SIGKILL")),
  "SIGTERM while DeepFlow is away": (target) => away(target, () => target.collector.restart("SIGTERM")),
  "SIGTERM while DeepFlow hangs": (target) =>
    answers("hangs")(target, () => target.collector.restart("SIGTERM")),
  "twenty times the load": overloaded,
  "twenty times the load while DeepFlow is away": (target) => away(target, () => overloaded(target)),
  "twenty times the load while DeepFlow hangs": (target) =>
    answers("hangs")(target, () => overloaded(target)),
  "128 senders of 4,000 spans at a time while DeepFlow hangs": (target) =>
    answers("hangs")(target, () => target.sendLarge(128, 4_000)),
};

async function away({ deepFlow, seconds }: FaultTarget, meanwhile?: () => Promise<void>): Promise<void> {
  await deepFlow.go();
  await sleep(seconds * 1000);
  await meanwhile?.();
  await deepFlow.come();
}

function answers(behaviour: Behaviour) {
  return async ({ deepFlow, seconds }: FaultTarget, meanwhile?: () => Promise<void>): Promise<void> => {
    deepFlow.behave(behaviour);
    await sleep(seconds * 1000);
    await meanwhile?.();
    deepFlow.behave("right");
  };
}

async function overloaded({ setRate, seconds }: FaultTarget): Promise<void> {
  setRate(overload);
  await sleep(seconds * 1000);
  setRate(usualRate);
}
