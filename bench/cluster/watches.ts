import { setTimeout as sleep } from "node:timers/promises";
import { spread, type Spread } from "../statistics.ts";
import { ApiConnection, processFigures } from "./api.ts";
import { namespace, nodeName, nodes, podName } from "./pods.ts";

/** What the API server takes in one state. */
export interface ApiServerCost {
  /** Watches that are open, each of one node's pods and over a connection of its own. */
  readonly watches: number;
  readonly updatesPerSecond: number;
  /** CPU time of the API server in hundredths of a core. */
  readonly cpuPercent: Spread;
  readonly rssMib: Spread;
}

export interface WatchesResult {
  /** CPU time of the API server in seconds for opening all watches. */
  readonly openingCpuSeconds: Spread;
  readonly costs: readonly ApiServerCost[];
}

export interface WatchesOptions {
  readonly kubeconfig: string;
  /** Pods that there are. */
  readonly pods: number;
  readonly rounds: number;
  /** Of each state. */
  readonly seconds: number;
  readonly onProgress: (text: string) => void;
}

/** Pods that change in a second. */
const updatesPerSecond = 50;

/** Connections that are made at once. */
const openedAtOnce = 25;

interface State {
  readonly watches: number;
  readonly updatesPerSecond: number;
  readonly figures: { readonly cpuPercent: number; readonly rssMib: number }[];
}

/** What watches of all nodes' agents cost the API server, beside the same without them, in turns. */
export async function measureWatches(options: WatchesOptions): Promise<WatchesResult> {
  const { kubeconfig, rounds, onProgress } = options;
  const states: State[] = [0, nodes].flatMap((watches) =>
    [0, updatesPerSecond].map((updates) => ({ watches, updatesPerSecond: updates, figures: [] })),
  );
  const opening: number[] = [];
  const api = await ApiConnection.open(kubeconfig);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const at = `round ${round} of ${rounds}`;
      for (const state of states.filter(({ watches }) => watches === 0))
        await measure(api, state, at, options);
      onProgress(`${at}: opening ${nodes} watches`);
      const before = await figuresOf(api);
      const watches = await openWatches(kubeconfig);
      try {
        opening.push((await figuresOf(api)).cpuSeconds - before.cpuSeconds);
        for (const state of states.filter(({ watches }) => watches > 0)) {
          watches.seen = 0;
          const sent = await measure(api, state, at, options);
          if (watches.seen !== sent) {
            throw new Error(
              `Of ${sent} updates of pods the watches saw ${watches.seen}; each should be seen once.`,
            );
          }
        }
      } finally {
        watches.close();
      }
    }
  } finally {
    api.close();
  }
  return {
    openingCpuSeconds: spread(opening),
    costs: states.map(({ figures, ...state }) => ({
      ...state,
      cpuPercent: spread(figures.map(({ cpuPercent }) => cpuPercent)),
      rssMib: spread(figures.map(({ rssMib }) => rssMib)),
    })),
  };
}

/** Measures one state, and returns how many updates were made. */
async function measure(
  api: ApiConnection,
  { watches, updatesPerSecond, figures }: State,
  round: string,
  { pods, seconds, onProgress }: WatchesOptions,
): Promise<number> {
  onProgress(`${round}: ${watches} watches, ${updatesPerSecond} updates/s, for ${seconds} s`);
  // What was opened or closed last is over then.
  await sleep(settleMs);
  const before = await figuresOf(api);
  const begun = performance.now();
  const updates: Promise<unknown>[] = [];
  for (let tick = 0; tick < seconds; tick += 1) {
    for (let update = 0; update < updatesPerSecond; update += 1) {
      updates.push(touch(api, updates.length % pods));
      await until(begun + (tick + (update + 1) / updatesPerSecond) * 1000);
    }
    await until(begun + (tick + 1) * 1000);
  }
  await Promise.all(updates);
  const elapsed = (performance.now() - begun) / 1000;
  const after = await figuresOf(api);
  figures.push({
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / elapsed) * 100,
    rssMib: after.rssMib,
  });
  await sleep(settleMs);
  return updates.length;
}

const settleMs = 1000;

async function until(time: number): Promise<void> {
  await sleep(Math.max(0, time - performance.now()));
}

async function figuresOf(api: ApiConnection) {
  return processFigures(await api.send("GET", "/metrics"));
}

/** Changes a pod as little as can be. */
function touch(api: ApiConnection, pod: number): Promise<unknown> {
  const annotations = { "bench/touched": String(performance.now()) };
  const path = `/api/v1/namespaces/${namespace}/pods/${podName(pod)}`;
  return api.send("PATCH", path, { metadata: { annotations } }, "application/merge-patch+json");
}

interface Watches {
  /** Changes of pods that were seen. */
  seen: number;
  close(): void;
}

/** As the Collector's informers watch: what there is comes first, up to a bookmark. */
const initial =
  "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=3600";

async function openWatches(kubeconfig: string): Promise<Watches> {
  const connections: ApiConnection[] = [];
  const watches: Watches = {
    seen: 0,
    close() {
      for (const connection of connections) connection.close();
    },
  };
  const names = Array.from({ length: nodes }, (_, index) => nodeName(index)).values();
  const open = async (): Promise<void> => {
    for (const name of names) {
      const connection = await ApiConnection.open(kubeconfig);
      connections.push(connection);
      await new Promise<void>((resolve) => {
        connection.watch(`/api/v1/pods?${initial}&fieldSelector=spec.nodeName%3D${name}`, (type) => {
          if (type === "BOOKMARK") resolve();
          else if (type === "MODIFIED") watches.seen += 1;
        });
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: openedAtOnce }, open));
  } catch (error) {
    watches.close();
    throw error;
  }
  return watches;
}
