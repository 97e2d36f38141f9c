import { startCluster } from "../../local/cluster/cluster.ts";
import { spread, type Spread } from "../statistics.ts";
import { countedAccess, lookups, measureStart, type CountedAccess, type Start } from "./collectors.ts";
import { PodWriter } from "./pod-writer.ts";
import { measureWatches, type WatchesResult } from "./watches.ts";

/** What looking pods up takes in one Collector, in a cluster of one size. */
export type Lookup = Readonly<Record<keyof Start, Spread>> & {
  readonly collector: string;
  readonly pods: number;
};

export interface ClusterResult {
  readonly version: string;
  readonly rounds: number;
  readonly lookups: readonly Lookup[];
  readonly watches: WatchesResult;
}

export interface ClusterBenchOptions {
  /** Version of the Collector. */
  readonly version: string;
  /** Starts of each Collector in each size of cluster, and turns of each state of the API server. */
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** Pods in the cluster, in all. */
const sizes = [100, 1000, 10_000];

/** Of each state of the API server, in each turn. */
const seconds = 5;

/**
 * What pods take that Collectors look up: memory, bytes and time of each, and the API server's cost of all
 * nodes' watches. Against a real etcd and API server with nothing beside them, so that its CPU is for that.
 */
export async function measureCluster({
  version,
  rounds,
  onProgress,
}: ClusterBenchOptions): Promise<ClusterResult> {
  const cluster = await startCluster({
    name: "bench-cluster",
    controllers: false,
    detached: false,
    collectorVersions: [version],
  });
  try {
    const { kubeconfig } = cluster;
    const access = await countedAccess(cluster);
    const writer = await PodWriter.open(kubeconfig);
    const measured: Lookup[] = [];
    try {
      for (const pods of sizes) {
        await writer.writeUpTo(pods, onProgress);
        measured.push(...(await measureLookups(pods, { version, rounds, onProgress }, access)));
      }
    } finally {
      writer.close();
      access.close();
    }
    const pods = sizes.at(-1) ?? 0;
    const watches = await measureWatches({ kubeconfig, pods, rounds, seconds, onProgress });
    return { version, rounds, lookups: measured, watches };
  } finally {
    await cluster.stop();
  }
}

async function measureLookups(
  pods: number,
  { version, rounds, onProgress }: ClusterBenchOptions,
  access: CountedAccess,
): Promise<Lookup[]> {
  const measured = lookups.map((variant) => ({ variant, starts: [] as Start[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { variant, starts } of measured) {
      onProgress(`${pods} pods, round ${round} of ${rounds}: ${variant.name}`);
      starts.push(await measureStart(variant, version, access));
    }
  }
  return measured.map(({ variant, starts }) => ({
    collector: variant.name,
    pods,
    readySeconds: spread(starts.map(({ readySeconds }) => readySeconds)),
    bytes: spread(starts.map(({ bytes }) => bytes)),
    rssMib: spread(starts.map(({ rssMib }) => rssMib)),
  }));
}
