import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { PodStatus } from "../../local/cluster/node/pod-status.ts";
import { eventually, leadsTo, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { renderSettings } from "../../render/stack.ts";
import { describeCluster } from "./harness.ts";
import { nodes, renderOtelAgent, rolledOut, startWithDeepFlow, upOtelAgent, withContainer } from "./stack.ts";

describeCluster("the simulated kubelets", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("kubelet");
    await upOtelAgent(cluster);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  const service = { namespace: "open-telemetry", name: "otel-agent" };

  /** Rolls out the stack with something else in its container. */
  async function change(container: object): Promise<void> {
    const files = withContainer(await renderOtelAgent(), (rendered) => ({ ...rendered, ...container }));
    await applyRendered(cluster, "test", files);
  }

  async function readiness(pod: PodStatus): Promise<string> {
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    return kubectl(cluster, ["get", "pod", "-n", pod.namespace, pod.name, "-o", path]);
  }

  /** The pod that a rollout has begun with, once its process runs. */
  async function newcomer(old: readonly PodStatus[]): Promise<PodStatus> {
    return eventually("The first pod of the rollout", async () =>
      (await podsIn(cluster, "open-telemetry")).find(
        ({ uid, containers }) =>
          !old.some((one) => one.uid === uid) && containers.every(({ running }) => running),
      ),
    );
  }

  test("a pod is in its Service by its readiness probe: one that never succeeds holds up the rollout", async () => {
    const old = await collectorsReady(cluster, "open-telemetry", nodes);
    const before = old.map(({ podIP }) => podIP);
    await change({ readinessProbe: { httpGet: { path: "/", port: 1 }, periodSeconds: 1 } });
    const pod = await newcomer(old);
    // Its startup probe takes a look every two seconds: by then it would be ready.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await readiness(pod)).toBe("False");
    expect(await leadsTo(cluster, service, before)).toBe(true);
    await upOtelAgent(cluster);
    const status = ["rollout", "status", "-n", "open-telemetry", "daemonset/otel-agent", "--timeout=60s"];
    expect(await kubectl(cluster, status)).toContain("successfully rolled out");
  });

  test("a deleted pod sleeps as its preStop says, then gets SIGTERM, and its object goes when its process has ended", async () => {
    await upOtelAgent(cluster, { preStopSleepSeconds: 5 });
    await rolledOut(cluster, "agent");
    const [pod] = await collectorsReady(cluster, "open-telemetry", nodes);
    const [container] = pod?.containers ?? [];
    if (!pod || !container) throw new Error("There is no Collector.");
    const deleted = Date.now();
    await kubectl(cluster, ["delete", "pod", "-n", pod.namespace, pod.name, "--wait"]);
    const gone = Date.now();
    const [, at = ""] = /^(\S+)\s.*Received signal from OS/m.exec(readFileSync(container.log, "utf8")) ?? [];
    const signalled = new Date(at).getTime();
    expect(signalled - deleted).toBeGreaterThanOrEqual(4_500);
    expect(gone).toBeGreaterThanOrEqual(signalled);
    await collectorsReady(cluster, "open-telemetry", nodes);
  });

  test("a configuration that a Collector refuses does not reach running pods, not even one whose Collector dies", async () => {
    const up = async (otelAgent: object) => {
      const config = {
        "deepflow-otel:topology": "gateway",
        "deepflow-otel:otelAgent": JSON.stringify(otelAgent),
      };
      await applyRendered(cluster, "test", await renderSettings(config, "test"));
    };
    await up({});
    const running = async () =>
      (await podsIn(cluster, "open-telemetry")).filter(({ phase }) => phase !== "Terminating");
    const old = await eventually("The gateways", async () => {
      const pods = await running();
      const healthy = pods.every(({ containers }) => containers.every(({ healthy }) => healthy));
      return pods.length === nodes && healthy ? pods : undefined;
    });
    await up({ exporters: { "debug/own": { verbosity: "nonsense" } } });
    const crashed = await eventually("The crash of the first new pod", async () =>
      (await running()).find(
        ({ uid, containers }) =>
          !old.some((one) => one.uid === uid) && containers.some(({ lastExitCode = 0 }) => lastExitCode > 0),
      ),
    );
    expect(readFileSync(crashed.containers[0]?.log ?? "", "utf8")).toContain("nonsense");

    for (const pod of old) {
      const input = { pid: pod.containers[0]?.pid };
      const program = "test/cluster/programs/kill.ts";
      await cluster.control("POST", "/run", { namespace: pod.namespace, pod: pod.name, program, input });
    }
    await eventually("Old Collectors that run again", async () => {
      const pods = await running();
      const again = old.filter(({ uid }) =>
        pods.some(
          (pod) =>
            pod.uid === uid && pod.containers.every(({ restarts, healthy }) => restarts === 1 && healthy),
        ),
      );
      const addresses = old.map(({ podIP }) => podIP);
      return again.length === nodes && (await leadsTo(cluster, service, addresses)) ? true : undefined;
    });
    await upOtelAgent(cluster);
  });

  test("a Collector that reaches its memory limit is killed, and that is what its status says", async ({
    skip,
  }: TestContext) => {
    const limits = (await cluster.control("GET", "/memory-limits")) as { enforced: boolean; reason?: string };
    if (!limits.enforced) {
      console.log(limits.reason);
      skip(limits.reason);
    }
    const old = await collectorsReady(cluster, "open-telemetry", nodes);
    // An idle one takes 13.
    const memory = { memory: "8Mi" };
    await change({ resources: { requests: memory, limits: memory } });
    const killed = await eventually("The end of a Collector by its memory limit", async () =>
      (await podsIn(cluster, "open-telemetry")).find(
        ({ uid, containers }) =>
          !old.some((one) => one.uid === uid) && containers.some(({ oomKills = 0 }) => oomKills > 0),
      ),
    );
    expect(killed.containers).toMatchObject([{ lastExitCode: 137 }]);
    await eventually("OOMKilled in the pod's status", async () => {
      const path = "jsonpath={.status.containerStatuses[0].lastState.terminated.reason}";
      const reason = await kubectl(cluster, ["get", "pod", "-n", killed.namespace, killed.name, "-o", path]);
      return reason === "OOMKilled" ? true : undefined;
    });
  });
});
