import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { appHostIps } from "../../local/deepflow/received.ts";
import { arrived, isRight, sendFromEveryPod, receivedOf, sendFrom } from "../../local/traffic.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, startWithDeepFlow, upOtelAgent } from "../cluster/stack.ts";

describeCluster("spans on their way from a pod, through the Collector, to DeepFlow", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("e2e");
    await upOtelAgent(cluster, { resourceAttributes: { price: "$5 ${env:K8S_NODE_NAME} $$" } } as object);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function onePod() {
    const [pod] = await podsIn(cluster, "sample-app");
    if (!pod) throw new Error("There is no sample pod to send from.");
    return pod;
  }

  test("every span arrives with its own pod's address, from every node, over gRPC and over HTTP", async () => {
    const proof = await sendFromEveryPod(cluster, "sample-app");
    expect(proof.map(({ node, protocol }) => `${node} ${protocol}`).sort()).toEqual([
      "node-1 grpc",
      "node-1 http/protobuf",
      "node-2 grpc",
      "node-2 http/protobuf",
    ]);
    expect(proof.filter((delivery) => !isRight(delivery))).toEqual([]);
  });

  test("a span carries what the API server knows of its pod, and the stack's own attributes to the letter", async () => {
    const pod = await onePod();
    const { traceId } = await sendFrom(cluster, pod, 1);
    const [span] = await arrived(cluster, traceId, 1);
    expect(span?.resource).toMatchObject({
      "app.host.ip": pod.podIP,
      "k8s.pod.ip": pod.podIP,
      "k8s.pod.name": pod.name,
      "k8s.pod.uid": pod.uid,
      "k8s.namespace.name": "sample-app",
      "k8s.node.name": pod.node,
      "k8s.daemonset.name": expect.stringMatching(/^sample-(grpc|http)$/) as string,
      "service.name": expect.stringMatching(/^sample-(grpc|http)$/) as string,
      price: "$5 ${env:K8S_NODE_NAME} $$",
    });
  });

  test("a span stays on its node until its Collector has seen it", async () => {
    const collectors = await podsIn(cluster, "open-telemetry");
    for (const pod of await podsIn(cluster, "sample-app")) {
      const { traceId } = await sendFrom(cluster, pod, 1);
      const [span] = await arrived(cluster, traceId, 1);
      const collector = collectors.find(({ node }) => node === pod.node);
      expect(span?.peerAddress, pod.name).toBe(collector?.podIP);
    }
  });

  test("what an SDK says of its pod's address stays as it is", async () => {
    const { traceId } = await sendFrom(cluster, await onePod(), 1, {
      OTEL_RESOURCE_ATTRIBUTES: "app.host.ip=192.0.2.7",
    });
    expect(appHostIps(await arrived(cluster, traceId, 1))).toEqual(["192.0.2.7"]);
  });

  test("spans of a Collector that is told to end arrive: what it holds is sent first", async () => {
    const pod = await onePod();
    const { traceId } = await sendFrom(cluster, pod, 50);
    const collector = (await podsIn(cluster, "open-telemetry")).find(({ node }) => node === pod.node);
    await kubectl(cluster, ["delete", "pod", "-n", "open-telemetry", collector?.name ?? "", "--wait=false"]);
    expect(await arrived(cluster, traceId, 50)).toHaveLength(50);
    await collectorsReady(cluster, "open-telemetry", nodes);
  });

  test("spans that were sent while no deepflow-agent listened arrive once one does", async () => {
    const agents = (selector: object | null) =>
      kubectl(cluster, [
        ...["patch", "daemonset", "-n", "deepflow", "deepflow-agent", "--type=merge", "-p"],
        JSON.stringify({ spec: { template: { spec: { nodeSelector: selector } } } }),
      ]);
    await agents({ "no-such": "node" });
    await eventually("The end of the deepflow-agents", async () =>
      (await podsIn(cluster, "deepflow")).some(({ name }) => name.startsWith("deepflow-agent-"))
        ? undefined
        : true,
    );
    const { traceId, exported } = await sendFrom(cluster, await onePod(), 50);
    expect(exported).toBe(true);
    expect(await receivedOf(cluster, traceId)).toEqual([]);
    await agents(null);
    expect(await arrived(cluster, traceId, 50, 60)).toHaveLength(50);
  });
});
