import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ports } from "../../components/otel-agent/ports.ts";
import { resolveOtelAgent } from "../../components/otel-agent/resolve.ts";
import type { CollectorTopology } from "../../components/otel-agent/topology.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { startRelay } from "../../local/cluster/supervisor/relay.ts";
import { startLoneCollector } from "../../test/e2e/lone-collector.ts";
import { rssMib } from "../process.ts";
import { documentsWithLookup, type Variant } from "../variants.ts";
import { ownNode } from "./pods.ts";

/** What one start of a Collector took. */
export interface Start {
  /** From its start to a health check that answers 200. */
  readonly readySeconds: number;
  /** From the API server, TLS and HTTP/2 included. */
  readonly bytes: number;
  /** Resident when it has all pods and rests. */
  readonly rssMib: number;
}

/** Collectors that are measured, each as the program renders it or as the documents have it. */
export const lookups: readonly Variant[] = [ofTopology("agent"), ofTopology("gateway"), documentsWithLookup];

function ofTopology(topology: CollectorTopology): Variant {
  const { association, k8sAttributes } = resolveOtelAgent({ topology });
  return {
    name: topology,
    args: { topology, association, k8sAttributes },
    // Outside a cluster there is no account of a pod.
    change: (config) => config.replace("auth_type: serviceAccount", "auth_type: kubeConfig"),
  };
}

/** A way for Collectors to the API server on which bytes are counted. */
export interface CountedAccess {
  readonly kubeconfig: string;
  readonly bytes: () => number;
  readonly close: () => void;
}

export async function countedAccess({ apiServer, dir, kubeconfig }: Cluster): Promise<CountedAccess> {
  const { hostname, port } = new URL(apiServer);
  const relay = await startRelay({ host: hostname, port: 0 }, { host: hostname, port: Number(port) });
  const counted = join(dir, "kubeconfig-counted");
  const text = readFileSync(kubeconfig, "utf8").replace(apiServer, `https://${hostname}:${relay.port}`);
  writeFileSync(counted, text, { mode: 0o600 });
  return {
    kubeconfig: counted,
    bytes: () => relay.bytesFromTarget(),
    close: () => {
      relay.close();
    },
  };
}

/** Starts a Collector, waits until it has the pods that it watches, and ends it. */
export async function measureStart(
  { change, args = {}, env }: Variant,
  version: string,
  access: CountedAccess,
): Promise<Start> {
  const before = access.bytes();
  const begun = performance.now();
  const collector = await startLoneCollector({
    version,
    change,
    args,
    // Nothing is sent.
    agentPort: 9,
    env: { KUBECONFIG: access.kubeconfig, K8S_NODE_NAME: ownNode, ...env },
  });
  try {
    await healthy(`http://${new URL(collector.url).hostname}:${ports.health.port}/`);
    const readySeconds = (performance.now() - begun) / 1000;
    await quiet(access.bytes);
    return {
      readySeconds,
      bytes: access.bytes() - before,
      rssMib: rssMib(collector.pid),
    };
  } finally {
    await collector.stop();
  }
}

async function healthy(url: string): Promise<void> {
  while (!(await fetch(url)).ok) await sleep(10);
}

/** Resolves when no byte has come for a while: a Collector may be ready before it has what it watches. */
async function quiet(bytes: () => number): Promise<void> {
  for (let last = -1; bytes() !== last;) {
    last = bytes();
    await sleep(quietMs);
  }
}

/** Long enough for a connection to be made in it, and for garbage of the start to be collected. */
const quietMs = 2000;
