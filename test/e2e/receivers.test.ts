import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { arrived } from "../../local/traffic.ts";
import { renderSettings } from "../../render/stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, rolledOut, startWithDeepFlow } from "../cluster/stack.ts";

const service = "otel-agent.open-telemetry";

/** Clients of older tracers: what runs in a pod, and by which variables it is told where to send. */
const clients = [
  {
    client: "Zipkin, by OpenTelemetry's exporter",
    program: "local/sample/traffic.ts",
    env: {
      OTEL_TRACES_EXPORTER: "zipkin",
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://${service}:9411/api/v2/spans`,
    },
  },
  {
    client: "Jaeger, by its own client over Thrift and HTTP",
    program: "test/e2e/programs/jaeger-thrift.ts",
    env: {
      JAEGER_SERVICE_NAME: "jaeger-thrift",
      JAEGER_ENDPOINT: `http://${service}:14268/api/traces`,
      JAEGER_SAMPLER_TYPE: "const",
      JAEGER_SAMPLER_PARAM: "1",
    },
  },
  {
    client: "Jaeger, over gRPC",
    program: "test/e2e/programs/jaeger-grpc.ts",
    env: { JAEGER_GRPC_ADDRESS: `${service}:14250` },
  },
];

describeCluster("spans of Jaeger's and Zipkin's clients arrive with their own pod's address", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("receivers");
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function up(topology: "agent" | "gateway", version: string, enabled: boolean) {
    const otelAgent = {
      image: { tag: version },
      receivers: { jaeger: { enabled }, zipkin: { enabled } },
    };
    const config = {
      "deepflow-otel:topology": topology,
      "deepflow-otel:otelAgent": JSON.stringify(otelAgent),
    };
    await applyRendered(cluster, "test", await renderSettings(config, "test"));
    await rolledOut(cluster, topology);
    await collectorsReady(cluster, "open-telemetry", nodes, version);
  }

  async function send({ program, env }: (typeof clients)[number], pod: { name: string; namespace: string }) {
    const request = { namespace: pod.namespace, pod: pod.name, program, env, input: { spans: 1 } };
    const { stdout, stderr } = (await cluster.control("POST", "/run", request)) as Record<
      "stdout" | "stderr",
      string
    >;
    if (stdout === "") throw new Error(`The client in ${pod.name} said nothing but: ${stderr}`);
    return JSON.parse(stdout) as { traceId: string; error?: string };
  }

  describe.each([
    { topology: "agent", version: "0.149.0" },
    { topology: "gateway", version: "0.161.0" },
  ] as const)("$topology, Collector $version", ({ topology, version }) => {
    beforeAll(async () => {
      await up(topology, version, true);
    });

    test.each(clients)("$client", async (client) => {
      for (const pod of (await podsIn(cluster, "sample-app")).filter(({ name }) => name.includes("grpc"))) {
        const { traceId, error } = await send(client, pod);
        expect(error).toBeUndefined();
        const [span] = await arrived(cluster, traceId, 1);
        expect(span?.resource, pod.name).toMatchObject({
          "app.host.ip": pod.podIP,
          "k8s.pod.name": pod.name,
        });
      }
    });
  });

  test("and without the settings nobody listens there", async () => {
    await up("agent", "0.149.0", false);
    const [pod] = await podsIn(cluster, "sample-app");
    if (!pod) throw new Error("There is no sample pod to send from.");
    for (const client of clients) expect((await send(client, pod)).error, client.client).toBeDefined();
  });
});
