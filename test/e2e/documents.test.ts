import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, leadsTo, podsIn } from "../../local/cluster/pods.ts";
import { appHostIps } from "../../local/deepflow/received.ts";
import { sendFromEveryPod } from "../../local/traffic.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, startWithDeepFlow } from "../cluster/stack.ts";
import { documents, documentsMadeToRun } from "./documents/documents.ts";

describeCluster("what the documents have users apply, which these tests must be able to see fail", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("documents");
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function apply(manifest: string): Promise<void> {
    const { exitCode, stderr } = await cluster.kubectl(
      ["apply", "--server-side", "--force-conflicts", "-f", "-"],
      {
        input: manifest,
      },
    );
    expect(exitCode, stderr).toBe(0);
  }

  const collectors = async () =>
    (await podsIn(cluster, "open-telemetry")).flatMap(({ containers }) => containers);

  test("their manifest is accepted by the API server, and its Collector does not start", async () => {
    await apply(readFileSync(documents, "utf8"));
    const failed = await eventually("The failure of every Collector", async () => {
      const containers = await collectors();
      return containers.length === nodes && containers.every(({ lastExitCode }) => lastExitCode)
        ? containers
        : undefined;
    });
    for (const { log } of failed) expect(readFileSync(log, "utf8")).toContain("memory_ballast");
  });

  test("their pipeline, made to run, loses app.host.ip: DeepFlow takes the Collector's address for the sender's", async () => {
    await kubectl(cluster, ["delete", "daemonset", "-n", "open-telemetry", "otel-agent", "--wait"]);
    await apply(documentsMadeToRun());
    await eventually("Collectors that run", async () => {
      const running = (await collectors()).filter(
        ({ log }) => existsSync(log) && readFileSync(log, "utf8").includes("Everything is ready"),
      );
      const addresses = (await podsIn(cluster, "open-telemetry")).map(({ podIP }) => podIP);
      const service = { namespace: "open-telemetry", name: "otel-agent" };
      return running.length === nodes && (await leadsTo(cluster, service, addresses)) ? true : undefined;
    });
    const proof = await sendFromEveryPod(cluster, "sample-app", { spans: 3 });
    const errors = proof.map(({ error }) => error).join("; ");
    expect(
      proof.map(({ received }) => received.length),
      errors,
    ).toEqual(proof.map(() => 3));
    const collectorIps = (await podsIn(cluster, "open-telemetry")).map(({ podIP }) => podIP);
    for (const delivery of proof) {
      expect(collectorIps, delivery.pod).toEqual(expect.arrayContaining(appHostIps(delivery.received)));
      expect(delivery.received.map(({ resource }) => resource["k8s.pod.ip"])).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });
});
