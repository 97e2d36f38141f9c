import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { PodStatus } from "../../local/cluster/node/pod-status.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { appHostIps } from "../../local/deepflow/received.ts";
import { arrived, sendFrom } from "../../local/traffic.ts";
import { renderSettings } from "../../render/stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { endsSoon, startWithDeepFlow, withConfig } from "../cluster/stack.ts";

interface Processors {
  processors: Record<string, { extract?: { metadata?: string[] }; pod_association?: object[] }>;
  service: { pipelines: { traces: { processors: string[] } } };
}

/** What is taken away from a rendered configuration, to see what it was good for. */
type Edit = (config: Processors) => void;

const withoutPodIp: Edit = ({ processors }) => {
  const { extract } = processors["k8s_attributes"] ?? {};
  if (extract) extract.metadata = ["k8s.pod.name"];
};
const batchFirst: Edit = ({ processors, service }) => {
  processors["batch"] = {};
  service.pipelines.traces.processors.splice(1, 0, "batch");
};
const withoutNamespace: Edit = ({ processors }) => {
  processors["k8s_attributes"]?.pod_association?.shift();
};
const withoutConnectionStage: Edit = ({ service }) => {
  const { traces } = service.pipelines;
  traces.processors = traces.processors.filter((name) => name !== "k8s_attributes/connection");
};

describeCluster(
  "every way to lose the pod's address is closed, and open again without what closes it",
  () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startWithDeepFlow("losing");
    });
    afterAll(async () => {
      await cluster.stop();
    });

    async function up(
      topology: "agent" | "gateway",
      otelAgent: { readonly gateway?: { readonly replicas: number }; readonly [key: string]: unknown },
      edit?: Edit,
    ): Promise<void> {
      const count = otelAgent.gateway?.replicas ?? 2;
      const config = {
        "deepflow-otel:topology": topology,
        "deepflow-otel:otelAgent": JSON.stringify({ ...endsSoon, ...otelAgent }),
      };
      const before = (await podsIn(cluster, "open-telemetry")).map(({ uid }) => uid);
      const files = await renderSettings(config, "test");
      await applyRendered(cluster, "test", edit ? withConfig(files, edit) : files);
      await eventually("New Collectors", async () => {
        const pods = (await podsIn(cluster, "open-telemetry")).filter(({ phase }) => phase !== "Terminating");
        return pods.length === count && pods.every(({ uid }) => !before.includes(uid)) ? true : undefined;
      });
      await collectorsReady(cluster, "open-telemetry", count);
    }

    async function pod(protocol: "grpc" | "http", node: string): Promise<PodStatus> {
      const found = (await podsIn(cluster, "sample-app")).find(
        (one) => one.name.includes(protocol) && one.node === node,
      );
      if (!found) throw new Error(`There is no ${protocol} pod on ${node}.`);
      return found;
    }

    /** The address that a span arrives with that this pod sends. */
    async function addressOf(sender: PodStatus, env: Record<string, string> = {}): Promise<string[]> {
      const { traceId } = await sendFrom(cluster, sender, 1, env);
      return appHostIps(await arrived(cluster, traceId, 1));
    }

    test("k8s.pod.ip that nobody extracts", async () => {
      const sender = await pod("grpc", "node-1");
      await up("agent", {}, withoutPodIp);
      expect(await addressOf(sender)).not.toEqual([sender.podIP]);
      await up("agent", {});
      expect(await addressOf(sender)).toEqual([sender.podIP]);
    });

    test("a batch before the look-up, which forgets the connection", async () => {
      const sender = await pod("grpc", "node-1");
      await up("agent", { resourceAttributes: { run: "batch" } }, batchFirst);
      expect(await addressOf(sender)).not.toEqual([sender.podIP]);
    });

    describe("a load balancer in between", () => {
      /** A pod that passes on to the Collectors' Service what arrives at its own address. */
      async function through(sender: PodStatus): Promise<string[]> {
        const balancer = await pod("http", "node-2");
        // Two connections: the one that sees that it listens, and the sender's.
        const ended = cluster.control("POST", "/run", {
          ...{
            namespace: balancer.namespace,
            pod: balancer.name,
            program: "test/e2e/programs/load-balancer.ts",
          },
          env: { POD_IP: balancer.podIP },
          input: { host: "otel-agent.open-telemetry", port: 4317, connections: 2 },
        });
        await eventually("A load balancer that listens", async () => {
          const { exitCode } = (await cluster.control("POST", "/run", {
            ...{ namespace: sender.namespace, pod: sender.name, program: "test/e2e/programs/can-connect.ts" },
            input: { host: balancer.podIP, port: 4317 },
          })) as { exitCode: number };
          return exitCode === 0 ? true : undefined;
        });
        const addresses = await addressOf(sender, {
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://${balancer.podIP}:4317`,
          // The SDK's own detector says host.name, which in a pod is the pod's name.
          OTEL_NODE_RESOURCE_DETECTORS: "env,host",
        });
        await ended;
        return addresses;
      }

      test("hides the sender from an association by the connection", async () => {
        const sender = await pod("grpc", "node-1");
        const balancer = await pod("http", "node-2");
        await up("agent", {});
        expect(await through(sender)).toEqual([balancer.podIP]);
      });

      test("does not from one by the resource, for a pod of another node than the Collector's too", async () => {
        const sender = await pod("grpc", "node-1");
        await up("agent", { association: "resource" });
        expect(await through(sender)).toEqual([sender.podIP]);
      });
    });

    describe("by the resource", () => {
      test("two pods of one name: the namespace tells them apart, as far as the span has it", async () => {
        const names = ["twins-a", "twins-b"];
        for (const namespace of names) {
          await kubectl(cluster, ["create", "namespace", namespace]);
          await kubectl(cluster, ["run", "twin", "-n", namespace, "--image=twin"]);
          await kubectl(cluster, ["wait", "--for=condition=Ready", "pod/twin", "-n", namespace]);
        }
        const ips = await Promise.all(
          names.map((namespace) =>
            kubectl(cluster, ["get", "pod", "twin", "-n", namespace, "-o", "jsonpath={.status.podIP}"]),
          ),
        );
        // Sent from a third pod, so that only what the span says can tell.
        const sender = await pod("grpc", "node-1");
        const addresses = async () => {
          const found: string[][] = [];
          for (const namespace of names) {
            const attributes = `host.name=twin,k8s.namespace.name=${namespace}`;
            found.push(await addressOf(sender, { OTEL_RESOURCE_ATTRIBUTES: attributes }));
          }
          return found.flat();
        };
        await up("gateway", { association: "resource" });
        expect(await addresses()).toEqual(ips);
        await up(
          "gateway",
          // One, because each may take the other of the two for the pod of that name.
          { association: "resource", resourceAttributes: { run: "twins" }, gateway: { replicas: 1 } },
          withoutNamespace,
        );
        expect(await addresses()).not.toEqual(ips);
      });

      test("a host.name that is no pod's: the connection still tells", async () => {
        const sender = await pod("grpc", "node-2");
        const env = { OTEL_RESOURCE_ATTRIBUTES: "host.name=build-server" };
        await up("gateway", {});
        expect(await addressOf(sender, env)).toEqual([sender.podIP]);
        await up("gateway", { resourceAttributes: { run: "host" } }, withoutConnectionStage);
        expect(await addressOf(sender, env)).not.toEqual([sender.podIP]);
      });
    });
  },
);
