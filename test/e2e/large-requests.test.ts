import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { ProgramResult } from "../../local/cluster/node/pod-program.ts";
import type { ContainerStatus, PodStatus } from "../../local/cluster/node/pod-status.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { arrived } from "../../local/traffic.ts";
import { describeCluster } from "../cluster/harness.ts";
import {
  editedSuffix,
  nodes,
  renderOtelAgent,
  rolledOut,
  startWithDeepFlow,
  upOtelAgent,
  withConfig,
} from "../cluster/stack.ts";

interface Sent {
  readonly traceId: string;
  readonly accepted: number;
  readonly answers: Readonly<Record<string, number>>;
}

describeCluster("a few senders of large requests at a time, while DeepFlow is away", () => {
  let cluster: Cluster;
  let unenforced: string | undefined;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("large-requests");
    unenforced = ((await cluster.control("GET", "/memory-limits")) as { reason?: string }).reason;
    await upOtelAgent(cluster);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function deepFlowIsAway(away: boolean): Promise<void> {
    const nodeSelector = away ? { "no-such": "node" } : null;
    const spec = { template: { spec: { nodeSelector } } };
    await kubectl(cluster, [
      ...["patch", "daemonset", "-n", "deepflow", "deepflow-agent", "--type=merge", "-p"],
      JSON.stringify({ spec }),
    ]);
    await eventually(`DeepFlow's agents, ${away ? "gone" : "back"}`, async () => {
      const agents = (await podsIn(cluster, "deepflow")).filter(({ name }) =>
        name.startsWith("deepflow-agent-"),
      );
      return agents.length === (away ? 0 : nodes) ? true : undefined;
    });
  }

  async function sender(): Promise<PodStatus> {
    const pods = await podsIn(cluster, "sample-app");
    const pod = pods.find(({ name, node }) => name.includes("http") && node === "node-1");
    if (!pod) throw new Error("There is no sample-http pod on node-1.");
    return pod;
  }

  async function send(input: { parallel: number; requestMib: number; seconds: number }): Promise<Sent> {
    const { namespace, name } = await sender();
    const program = "test/e2e/programs/large-requests.ts";
    const request = { namespace, pod: name, program, input };
    const { stdout, stderr } = (await cluster.control("POST", "/run", request)) as ProgramResult;
    if (stdout === "") throw new Error(`The sender said: ${stderr.trim()}`);
    return JSON.parse(stdout) as Sent;
  }

  async function collector(): Promise<ContainerStatus | undefined> {
    const { node } = await sender();
    const pods = await podsIn(cluster, "open-telemetry");
    return pods.find((pod) => pod.node === node && pod.phase !== "Terminating")?.containers[0];
  }

  test("without limits they end the Collector, and with it what it had accepted", async ({ skip }) => {
    if (unenforced !== undefined) {
      console.log(unenforced);
      skip(unenforced);
    }
    await applyRendered(cluster, "test", withConfig(await renderOtelAgent(), removeLimits));
    await eventually("The rollout", async () =>
      (await kubectl(cluster, ["get", "pods", "-n", "open-telemetry", "-o", "yaml"])).includes(editedSuffix)
        ? true
        : undefined,
    );
    await rolledOut(cluster, "agent");
    await deepFlowIsAway(true);
    await send({ parallel: 12, requestMib: 16, seconds: 5 });
    expect((await collector())?.oomKills).toBeGreaterThan(0);
    await deepFlowIsAway(false);
    await upOtelAgent(cluster);
  });

  test("are refused in ways that SDKs retry, the Collector runs on, and every accepted span arrives", async () => {
    await deepFlowIsAway(true);
    const { traceId, accepted, answers } = await send({ parallel: 12, requestMib: 3.5, seconds: 5 });
    expect(Object.keys(answers).filter((answer) => !["200", "503", "429"].includes(answer))).toEqual([]);
    expect(answers["503"]).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
    const container = await collector();
    expect([container?.restarts, container?.oomKills]).toEqual([0, undefined]);
    await deepFlowIsAway(false);
    expect(await arrived(cluster, traceId, accepted, 60)).toHaveLength(accepted);
  });

  test("a request above the limit is refused for good, and harms nobody else", async () => {
    expect((await send({ parallel: 1, requestMib: 5, seconds: 1 })).answers).not.toHaveProperty("200");
    const small = await send({ parallel: 1, requestMib: 0.1, seconds: 1 });
    expect(Object.keys(small.answers)).toEqual(["200"]);
    expect(await arrived(cluster, small.traceId, small.accepted)).toHaveLength(small.accepted);
  });
});

interface Config {
  receivers: { otlp: { protocols: { http: Record<string, unknown>; grpc: Record<string, unknown> } } };
  processors: { memory_limiter: Record<string, unknown> };
}

/** As the Collector was configured before its receivers had limits. */
function removeLimits({ receivers, processors }: Config): void {
  const { http, grpc } = receivers.otlp.protocols;
  delete http["max_request_body_size"];
  delete grpc["max_recv_msg_size_mib"];
  processors.memory_limiter["check_interval"] = "1s";
}
