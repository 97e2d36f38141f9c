import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { arrived, isRight, sendFrom, type TraceDelivery } from "../../local/traffic.ts";
import { renderSettings } from "../../render/stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { endsSoon, rolledOut, startWithDeepFlow } from "../cluster/stack.ts";

interface Combination {
  readonly version: "0.149.0" | "0.158.0" | "0.161.0";
  readonly topology: "agent" | "gateway";
  readonly association: "connection" | "resource" | "passthrough";
  readonly destination: "service" | "node" | "nodeLocalService" | "url";
  readonly httpAttributes: "mapped" | "as they are";
  readonly extras: "none" | "some";
}

const columns = ["version", "topology", "association", "destination", "httpAttributes", "extras"] as const;

/**
 * Few combinations, but every value, and every pair of values of what interacts; a test below counts them.
 */
const table = [
  ["0.149.0", "agent", "connection", "service", "mapped", "none"],
  ["0.149.0", "agent", "resource", "node", "as they are", "some"],
  ["0.149.0", "gateway", "passthrough", "url", "mapped", "some"],
  ["0.158.0", "gateway", "connection", "node", "mapped", "some"],
  ["0.158.0", "gateway", "resource", "service", "as they are", "none"],
  ["0.158.0", "agent", "passthrough", "nodeLocalService", "mapped", "some"],
  ["0.161.0", "agent", "connection", "url", "as they are", "none"],
  ["0.161.0", "gateway", "resource", "nodeLocalService", "mapped", "none"],
  ["0.161.0", "gateway", "passthrough", "service", "mapped", "some"],
] as const satisfies readonly (readonly [
  Combination["version"],
  Combination["topology"],
  Combination["association"],
  Combination["destination"],
  Combination["httpAttributes"],
  Combination["extras"],
])[];

const combinations: Combination[] = table.map(
  (row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])) as unknown as Combination,
);

/**
 * Dimensions of which one changes what the other means: who looks up, where, in which spelling, and what lies
 * behind.
 */
const interacting: [keyof Combination, keyof Combination][] = [
  ["topology", "association"],
  ["topology", "destination"],
  ["version", "association"],
  ["version", "topology"],
  ["version", "httpAttributes"],
  ["httpAttributes", "topology"],
  ["extras", "topology"],
];

test("the combinations that carry spans have every value, and every pair of what interacts", () => {
  const values = (column: keyof Combination) =>
    new Set(combinations.map((combination) => combination[column]));
  expect(columns.map((column) => values(column).size)).toEqual([3, 2, 3, 4, 2, 2]);
  const missing = interacting.flatMap(([one, other]) =>
    [...values(one)].flatMap((a) =>
      [...values(other)]
        .filter(
          (b) => !combinations.some((combination) => combination[one] === a && combination[other] === b),
        )
        .map((b) => `${one} ${a} with ${other} ${b}`),
    ),
  );
  expect(missing).toEqual([]);
});

function settingsOf({ version, association, destination, httpAttributes, extras }: Combination): object {
  const url = "http://deepflow-agent.deepflow.svc.cluster.local/api/v1/otel/trace";
  return {
    image: { tag: version },
    association,
    httpAttributes: httpAttributes === "mapped",
    destination: { type: destination, ...(destination === "url" && { url }) },
    ...(extras === "some" && {
      processors: { "attributes/team": { actions: [{ key: "team", value: "shop", action: "insert" }] } },
      exporters: { debug: null },
    }),
  };
}

describeCluster("spans arrive with their own pod's address", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("topologies");
  });
  afterAll(async () => {
    await cluster.stop();
  });

  // One stack through all of them, so that each change also happens on a live one.
  describe.each(combinations)(
    "$version, $topology, by $association, to $destination, HTTP attributes $httpAttributes, $extras extras",
    (combination) => {
      test("from both nodes, over gRPC and HTTP", async () => {
        const { topology, httpAttributes, extras } = combination;
        const config = {
          "deepflow-otel:topology": topology,
          "deepflow-otel:otelAgent": JSON.stringify({ ...endsSoon, ...settingsOf(combination) }),
        };
        await applyRendered(cluster, "test", await renderSettings(config, "test"));
        await rolledOut(cluster, topology);
        await collectorsReady(cluster, "open-telemetry", 2, combination.version);

        const senders = (await podsIn(cluster, "sample-app")).filter(
          ({ name, node }) => name.includes("grpc") === (node === "node-1"),
        );
        expect(senders).toHaveLength(2);
        for (const pod of senders) {
          const { traceId, error } = await sendFrom(cluster, pod, 3);
          const received = await arrived(cluster, traceId, 3);
          const delivery: Pick<TraceDelivery, "sent" | "received" | "podIp"> = {
            sent: 3,
            received,
            podIp: pod.podIP,
          };
          expect(
            isRight(delivery),
            `${pod.name} ${error ?? ""} ${JSON.stringify(received[0]?.resource)}`,
          ).toBe(true);
          const root = received.find(({ kind }) => kind === "SERVER")?.attributes;
          expect(root).toMatchObject({ "http.request.method": "GET", "url.path": "/sample" });
          expect(root?.["http.method"]).toBe(httpAttributes === "mapped" ? "GET" : undefined);
          expect(root?.["http.target"]).toBe(httpAttributes === "mapped" ? "/sample" : undefined);
          expect(root?.["team"]).toBe(extras === "some" ? "shop" : undefined);
        }
      });
    },
  );

  test("directly to DeepFlow, which then goes by the connection itself", async () => {
    const env = {
      // As the stack's output otlpTracesEndpoint says (test/program.test.ts).
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://deepflow-agent.deepflow/api/v1/otel/trace",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    };
    for (const pod of await podsIn(cluster, "sample-app")) {
      const { traceId } = await sendFrom(cluster, pod, 3, env);
      const received = await arrived(cluster, traceId, 3);
      expect(isRight({ sent: 3, received, podIp: pod.podIP }), pod.name).toBe(true);
    }
  });
});
