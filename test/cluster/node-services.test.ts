import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import type { ProgramResult } from "../../local/cluster/node/pod-program.ts";
import type { ContainerStatus, PodStatus } from "../../local/cluster/node/pod-status.ts";
import type { ServicesInForce } from "../../local/cluster/node/service-endpoints.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { arrived, sendFrom } from "../../local/traffic.ts";
import { describeCluster, startTestCluster } from "./harness.ts";

const manifest = (...path: string[]): string =>
  readFileSync(join(import.meta.dirname, "..", "..", ...path), "utf8");

describeCluster("the simulated nodes", () => {
  let cluster: Cluster;
  let senders: PodStatus[];

  /** Runs kubectl, which has to succeed. */
  async function kubectl(args: string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await cluster.kubectl(args, input === undefined ? {} : { input });
    if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }
  const patch = (spec: object): Promise<string> =>
    kubectl([
      ...["patch", "daemonset", "otel-agent", "-n", "open-telemetry", "--type=strategic"],
      ...["-p", JSON.stringify({ spec: { template: { spec } } })],
    ]);
  const setVariable = (name: string, value: string): Promise<string> =>
    patch({ containers: [{ name: "otel-agent", env: [{ name, value }] }] });

  /** The Collectors, once there are as many as wanted and none of those before. */
  async function collectors(count: number, before: readonly PodStatus[] = []): Promise<PodStatus[]> {
    await eventually("The rollout of the Collectors", async () => {
      const pods = (await podsIn(cluster, "open-telemetry")).filter(({ phase }) => phase !== "Terminating");
      const old = new Set(before.map(({ uid }) => uid));
      return pods.length === count && pods.every(({ uid }) => !old.has(uid)) ? true : undefined;
    });
    return collectorsReady(cluster, "open-telemetry", count);
  }

  /** Waits until kube-proxy knows of these Collectors and no others, terminating ones included. */
  const served = (addresses: string[]): Promise<true> =>
    eventually("The change of endpoints", async () => {
      const { ports, pending } = (await cluster.control("GET", "/services")) as ServicesInForce;
      const found = ports
        .filter(({ id }) => id === "open-telemetry/otel-agent:4318")
        .flatMap(({ endpoints }) => endpoints.map(({ address }) => address));
      return !pending && found.join() === addresses.join() ? true : undefined;
    });

  const sender = (kind: string, node: string): PodStatus => {
    const pod = senders.find((candidate) => candidate.name.includes(kind) && candidate.node === node);
    if (pod === undefined) throw new Error(`There is no sample-${kind} pod on ${node}.`);
    return pod;
  };

  beforeAll(async () => {
    cluster = await startTestCluster("node-services");
    await kubectl(["apply", "-f", "-"], manifest("local", "deepflow", "manifests.yaml"));
    await kubectl(["apply", "-f", "-"], manifest("local", "sample", "manifests.yaml"));
    await kubectl(["apply", "-f", "-"], manifest("test", "cluster", "collector.yaml"));
    await collectors(2);
    senders = await eventually("The start of the senders", async () => {
      const pods = await podsIn(cluster, "sample-app");
      return pods.length === 4 && pods.every(({ phase }) => phase === "Running") ? pods : undefined;
    });
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test("a program of a pod finds the pod's environment, host name and input, and nothing of ours", async () => {
    const pod = sender("grpc", "node-2");
    const result = (await cluster.control("POST", "/run", {
      namespace: pod.namespace,
      pod: pod.name,
      program: "test/cluster/programs/whoami.ts",
      env: { EXTRA: "1" },
      input: { a: 1 },
    })) as ProgramResult;
    expect(result).toMatchObject({ exitCode: 3, stderr: "" });
    const { hostname, env, input } = JSON.parse(result.stdout) as Record<string, unknown>;
    expect({ hostname, input }).toEqual({ hostname: pod.name, input: '{"a":1}' });
    expect(
      Object.keys(env as object)
        .filter((name) => !/^(PWD|SHLVL|OLDPWD|_)$/.test(name))
        .sort(),
    ).toEqual([
      "EXTRA",
      "HOME",
      "HOSTNAME",
      "KUBERNETES_SERVICE_HOST",
      "KUBERNETES_SERVICE_PORT",
      "KUBERNETES_SERVICE_PORT_HTTPS",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_PROTOCOL",
      "OTEL_LOGS_EXPORTER",
      "OTEL_METRICS_EXPORTER",
      "OTEL_NODE_RESOURCE_DETECTORS",
      "OTEL_SERVICE_NAME",
      "OTEL_TRACES_EXPORTER",
      "PATH",
      "POD_NETWORK_ADDRESS",
      "POD_NETWORK_HOSTS",
    ]);
  });

  test.each([
    [{ namespace: "sample-app", pod: "nobody", program: "local/sample/traffic.ts" }, "does not exist"],
    [
      { namespace: "sample-app", pod: "sample", program: "../elsewhere.ts" },
      "is not a .ts file of this repository",
    ],
  ])("a program that cannot be run is refused: %j", async (request, message) => {
    await expect(cluster.control("POST", "/run", request)).rejects.toThrow(message);
  });

  test("spans arrive from every node over both protocols, from the right addresses all the way", async () => {
    const pods = await podsIn(cluster, "open-telemetry");
    const agents = await podsIn(cluster, "deepflow");
    await Promise.all(
      senders.map(async (pod) => {
        const { traceId, error } = await sendFrom(cluster, pod, 20);
        expect(error).toBeUndefined();
        const spans = await arrived(cluster, traceId, 20);
        expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(20);
        const collector = pods.find(({ node }) => node === pod.node);
        for (const span of spans) {
          // Only what its own node's Collector knows has the pod's name.
          expect(span.resource).toMatchObject({ "app.host.ip": pod.podIP, "k8s.pod.name": pod.name });
          expect(span.peerAddress).toBe(collector?.podIP);
          const agent = agents.find(({ name }) => name === span.receivedBy);
          expect(span).toMatchObject({ node: agent?.node, agentAddress: `${agent?.podIP ?? ""}:38086` });
        }
      }),
    );
  });

  test("a sender without a Collector reaches the agent of its node, which sees the sender's own address", async () => {
    const pod = sender("http", "node-2");
    const { traceId, error } = await sendFrom(cluster, pod, 1, {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://10.0.0.2:38086/api/v1/otel/trace",
    });
    expect(error).toBeUndefined();
    expect(await arrived(cluster, traceId, 1)).toMatchObject([
      {
        peerAddress: pod.podIP,
        node: "node-2",
        agentAddress: "10.0.0.2:38086",
        resource: { "app.host.ip": pod.podIP },
      },
    ]);
  });

  test("a Collector that dials an address itself is seen as its pod, too", async () => {
    const config = await kubectl([
      "get",
      "configmap",
      "otel-agent-conf",
      "-n",
      "open-telemetry",
      "-o",
      "json",
    ]);
    const direct = config
      .replace("http://deepflow-agent.deepflow/", "http://10.0.0.1:38086/")
      .replace("from_attribute: k8s.pod.ip", "from_attribute: no.such.attribute");
    const before = await podsIn(cluster, "open-telemetry");
    await kubectl(["apply", "-f", "-"], direct);
    await kubectl(["delete", "pods", "--all", "-n", "open-telemetry"]);
    const pods = await collectors(2, before);
    const pod = sender("http", "node-1");
    const { traceId } = await sendFrom(cluster, pod, 1);
    const collector = pods.find(({ node }) => node === "node-1");
    expect(await arrived(cluster, traceId, 1)).toMatchObject([
      { peerAddress: collector?.podIP, resource: { "app.host.ip": collector?.podIP } },
    ]);
    await kubectl(["replace", "-f", "-"], config.replace(/"(uid|resourceVersion)": "[^"]*",?\s*/g, ""));
  });

  test("a Collector that is deleted still delivers what it holds, and leaves no folder", async () => {
    const before = await podsIn(cluster, "open-telemetry");
    await setVariable("FLUSH_TIMEOUT", "60s");
    const holding = await collectors(2, before);
    const { traceId, error } = await sendFrom(cluster, sender("grpc", "node-1"), 10);
    expect(error).toBeUndefined();
    await setVariable("FLUSH_TIMEOUT", "100ms");
    expect(await arrived(cluster, traceId, 10)).toHaveLength(10);
    await collectors(2, holding);
    for (const { uid } of holding) expect(existsSync(join(cluster.dir, "pods", uid))).toBe(false);
  });

  test("a container that fails says why, is counted, and is started again until it can run", async () => {
    const container = async (): Promise<ContainerStatus | undefined> =>
      (await podsIn(cluster, "open-telemetry")).find(
        ({ node, phase }) => node === "node-1" && phase !== "Terminating",
      )?.containers[0];

    await kubectl(["delete", "configmap", "otel-agent-conf", "-n", "open-telemetry"]);
    await kubectl(["delete", "pods", "--all", "-n", "open-telemetry"]);
    await eventually("The error", async () => {
      const sentence = "ConfigMap otel-agent-conf, which a volume is made from, does not exist.";
      return (await container())?.error === sentence ? true : undefined;
    });

    const configMap = ["create", "configmap", "otel-agent-conf", "-n", "open-telemetry"];
    await kubectl([...configMap, "--from-literal=otel-agent-config=receivers: {}"]);
    const crashed = await eventually("The crash", async () => {
      const status = await container();
      return (status?.restarts ?? 0) > 0 && status?.lastExitCode === 1 ? status : undefined;
    });
    expect(crashed.healthy ?? false).toBe(false);
    expect(readFileSync(crashed.log, "utf8")).toContain("service must have at least one pipeline");

    await kubectl(["apply", "-f", "-"], manifest("test", "cluster", "collector.yaml"));
    await collectorsReady(cluster, "open-telemetry", 2);
  });

  test("internalTrafficPolicy: Local leaves a node without a Collector without one; no Collector at all is refused", async () => {
    const before = await podsIn(cluster, "open-telemetry");
    await patch({ nodeSelector: { "kubernetes.io/hostname": "node-1" } });
    const [collector] = await collectors(1, before);
    // One that is being terminated would be a last resort.
    await served([collector?.podIP ?? ""]);
    expect(await sendFrom(cluster, sender("http", "node-1"), 1)).toMatchObject({ exported: true });
    // Where nobody can answer there is nothing to wait for.
    const timeout = { OTEL_EXPORTER_OTLP_TIMEOUT: "1000" };
    expect(await sendFrom(cluster, sender("http", "node-2"), 1, timeout)).toMatchObject({
      exported: false,
      error: expect.stringMatching(/socket hang up|ECONNRESET/) as string,
    });
    await kubectl(["delete", "daemonset", "otel-agent", "-n", "open-telemetry"]);
    await eventually("The end of the Collectors", async () =>
      (await podsIn(cluster, "open-telemetry")).length === 0 ? true : undefined,
    );
    await served([]);
    expect(await sendFrom(cluster, sender("http", "node-1"), 1, timeout)).toMatchObject({
      exported: false,
      error: expect.stringContaining("ECONNREFUSED") as string,
    });
  });
});
