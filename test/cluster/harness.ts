import { describe, test } from "vitest";
import { startCluster, type Cluster, type ClusterOptions } from "../../local/cluster/cluster.ts";
import { missingRequirement } from "../../local/cluster/control-plane/requirements.ts";
import { clusterOptions } from "../../local/embedded-cluster.ts";

/** A start, some work and a stop, on a busy machine, in milliseconds. */
const testTimeout = 120_000;

const missing = missingRequirement();

/**
 * A `describe` whose tests use the embedded cluster. Where the machine cannot run one they are skipped, with
 * the reason in the title; with REQUIRE_CLUSTER=1 they fail with it instead.
 */
export function describeCluster(name: string, define: () => void): void {
  if (missing === undefined) {
    describe(name, { timeout: testTimeout }, define);
  } else if (process.env["REQUIRE_CLUSTER"] === "1") {
    test(name, () => {
      throw new Error(missing);
    });
  } else {
    describe.skip(`${name} (skipped: ${missing})`, define);
  }
}

/** A name that no other run of the tests uses at the same time. */
export function clusterName(purpose: string): string {
  return `test-${purpose}-${process.pid}`;
}

/** Starts a cluster that ends with the tests, however they end. */
export function startTestCluster(
  purpose: string,
  options: Pick<ClusterOptions, "controllers" | "dir" | "nodes"> = {},
): Promise<Cluster> {
  return startCluster({ ...clusterOptions, ...options, name: clusterName(purpose), detached: false });
}
