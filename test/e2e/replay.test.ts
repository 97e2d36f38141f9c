import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callGraph } from "../../components/demo/call-graph.ts";
import { demoOutputs } from "../../components/demo/resolve.ts";
import { applySettings } from "../../components/demo/settings.ts";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { AllowedAnswer } from "../../local/cluster/node/policy-decisions.ts";
import { eventually } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { replay, type Replay } from "../../local/replay/replay.ts";
import { deploy } from "../../program.ts";
import { renderFiles } from "../../render/files.ts";
import { kubernetesObjects, registrationsOf } from "../../render/objects.ts";
import { renderSettings } from "../../render/stack.ts";
import type { StackDemo } from "../../stack.ts";
import { stackFrom } from "../../stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, startWithDeepFlow } from "../cluster/stack.ts";
import { ExtendedDemo, webShopPlus, webStorePlus } from "../demo/one-more-row.ts";

const both = { "deepflow-otel:springBootWebShop": "{}", "deepflow-otel:otelWebStore": "{}" };
const bothDirectly = { "deepflow-otel:topology": "direct", ...both };

/** The demos that a stack has with these settings. */
function demosOf(config: Record<string, string>): { readonly shop: StackDemo; readonly store: StackDemo } {
  const { springBootWebShop: shop, otelWebStore: store } = stackFrom(config).demos;
  if (!shop || !store) throw new Error("The settings ask for both demos.");
  return { shop, store };
}
const [shop, store] = [demosOf(both).shop.demo, demosOf(both).store.demo];

/** The services and edges that a replay found something wrong with. */
function named({ services, edges }: Replay) {
  return {
    services: services.filter(({ problem }) => problem !== undefined).map(({ name }) => name),
    edges: edges.filter(({ problem }) => problem !== undefined).map(({ from, to }) => `${from} → ${to}`),
  };
}

/** Processes of the cluster's pods that take part in a replay. */
function replayPrograms({ dir }: Cluster): string[] {
  const isPod = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`POD_NETWORK_HOSTS=${join(dir, "hosts")}`);
    } catch {
      // It ended since the folder was listed.
      return false;
    }
  };
  return readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && isPod(entry));
}

describeCluster("the demos, replayed in their pods", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("replay");
  });
  afterAll(async () => {
    await cluster.stop();
  });

  const applied = async (config: Record<string, string>) =>
    applyRendered(cluster, "test", await renderSettings(config, "test"));

  test("with topology direct who can send to DeepFlow itself is right, and who cannot is who the outputs list", async () => {
    await applied(bothDirectly);
    const direct = demosOf(bothDirectly);
    const [ofShop, ofStore] = await Promise.all([
      replay(cluster, direct.shop.demo),
      replay(cluster, direct.store.demo),
    ]);
    expect(ofShop.problems).toEqual([]);

    const { servicesWithoutEndpoint } = demoOutputs(direct.store.demo, direct.store);
    const traced = ofStore.services.filter(({ serviceName }) => serviceName !== undefined);
    const silent = traced.filter(({ received }) => received === 0);
    expect(silent.map(({ serviceName }) => serviceName)).toEqual(servicesWithoutEndpoint);
    const withSpans = traced.filter((service) => !silent.includes(service));
    expect(withSpans.map(({ name, problem, appHostIps }) => ({ name, problem, appHostIps }))).toEqual(
      withSpans.map(({ name, podIp }) => ({ name, problem: undefined, appHostIps: [podIp] })),
    );
    expect(withSpans.map(({ name }) => name)).toEqual(["adservice", "emailservice"]);
  });

  test("one row more is one service more: it is called, and its spans are in the same trace", async () => {
    const plus = [webShopPlus, webStorePlus];
    const { destination, grafanaUrl } = demosOf(both).shop;
    const program = () => {
      deploy(stackFrom({}));
      for (const { table, settings } of plus) new ExtendedDemo(table, settings, { destination, grafanaUrl });
    };
    const objects = kubernetesObjects(await registrationsOf(program, "test"));
    await applyRendered(cluster, "test", renderFiles(objects, "test"));
    await collectorsReady(cluster, "open-telemetry", nodes);
    const demos = plus.map(({ table, settings }) => applySettings(table, settings));
    const replays = await Promise.all(demos.map((demo) => replay(cluster, demo)));
    for (const [index, { problems, edges, trace }] of replays.entries()) {
      expect(problems).toEqual([]);
      expect(edges).toHaveLength(callGraph([shop, store][index] ?? shop).length + 2);
      expect(new Set(trace.map(({ traceId }) => traceId)).size).toBe(1);
    }
    const seen = replays.flatMap(({ edges }) =>
      edges.filter(({ state }) => state === "seen").map(({ from, to }) => `${from} → ${to}`),
    );
    expect(seen).toEqual(
      expect.arrayContaining([
        ...["svc-order → svc-price", "svc-price → nacos"],
        ...["frontend → giftservice", "giftservice → currencyservice"],
      ]),
    );
  });

  describe("with topology agent", () => {
    beforeAll(async () => {
      await applied(both);
      await collectorsReady(cluster, "open-telemetry", nodes);
    });

    /** Replays a demo while the environment of one of its services is another. */
    async function replayWith(demo: typeof shop, service: string, ...env: string[]): Promise<Replay> {
      const { namespace } = demo;
      const deployment = `deployment/${service}`;
      await kubectl(cluster, ["set", "env", "-n", namespace, deployment, ...env]);
      try {
        return await replay(cluster, demo);
      } finally {
        await kubectl(cluster, ["rollout", "undo", "-n", namespace, deployment]);
      }
    }

    /** Both at the same time, as they are after everything was put back, too. */
    const right = async () => {
      const replays = await Promise.all([shop, store].map((demo) => replay(cluster, demo)));
      for (const [index, demo] of [shop, store].entries()) {
        const { problems, edges, services, trace } = replays[index] ?? { problems: ["none"] };
        expect(problems).toEqual([]);
        expect(edges?.map(({ from, to, protocol }) => ({ from, to, protocol }))).toEqual(
          callGraph(demo).map(({ from, to, protocol }) => ({ from, to, protocol })),
        );
        const untraced = edges
          ?.filter(({ state }) => state !== "seen")
          .map(({ from, to }) => `${from} → ${to}`);
        expect(untraced).toEqual(demo === shop ? ["nacos → db-demo"] : []);
        expect(new Set(trace?.map(({ traceId }) => traceId)).size).toBe(1);
        for (const { serviceName, appHostIps, podIp } of services ?? [])
          expect(appHostIps).toEqual(serviceName === undefined ? [] : [podIp]);
      }
    };
    test("are right: one request is one trace, and that is the call graph", right);

    test("a wrong port in a variable breaks the edge that it is for", async () => {
      const wrong = "EMAIL_SERVICE_ADDR=http://emailservice:9999";
      const found = await replayWith(store, "checkoutservice", wrong);
      expect(named(found)).toEqual({
        services: ["emailservice"],
        edges: ["checkoutservice → emailservice"],
      });
      expect(found.problems).toContain(
        "checkoutservice → emailservice: EMAIL_SERVICE_ADDR is http://emailservice:9999; connection refused.",
      );
    });

    test("the address of another service does not pass for it", async () => {
      const wrong = "AD_SERVICE_ADDR=paymentservice:50051";
      const found = await replayWith(store, "frontend", wrong);
      expect(named(found)).toEqual({ services: ["adservice"], edges: ["frontend → adservice"] });
      expect(found.problems.at(-1)).toMatch(
        /^frontend → adservice: AD_SERVICE_ADDR is paymentservice:50051; that is paymentservice; connection reset; NetworkPolicy /,
      );
    });

    test("the documents' variables for cartservice lose its spans, and every edge of it", async () => {
      const found = await replayWith(
        store,
        "cartservice",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://otel-agent.open-telemetry:4317",
        "OTEL_EXPORTER_OTLP_ENDPOINT-",
      );
      expect(named(found)).toEqual({
        services: ["cartservice"],
        edges: ["frontend → cartservice", "cartservice → redis-cart", "checkoutservice → cartservice"],
      });
      const cart = found.services.find(({ name }) => name === "cartservice");
      expect(cart).toMatchObject({ sent: 4, received: 0 });
      expect(cart?.problem).toMatch(
        / \(4 spans\)\. Its exporter said: no variable that the SDK reads says where to send; .* 127\.0\.0\.1:4317/,
      );
    });

    test("a wrong SERVICE_HOST breaks the edges to the service, whose callers find it by a registry", async () => {
      const found = await replayWith(shop, "svc-item", "SERVICE_HOST=10.99.99.99");
      expect(named(found)).toEqual({
        services: ["svc-item"],
        edges: ["web-shop → svc-item", "svc-item → nacos", "svc-order → svc-item"],
      });
      expect(found.problems).toContainEqual(
        expect.stringMatching(
          "^web-shop → svc-item: nacos has 10.99.99.99:20880, from svc-item's SERVICE_HOST; ",
        ),
      );
    });

    test("a wrong OTEL_SERVICE_NAME is one problem, and no edge's", async () => {
      const found = await replayWith(store, "adservice", "OTEL_SERVICE_NAME=addservice");
      const pod = found.services.find(({ name }) => name === "adservice")?.pod ?? "";
      expect(found.problems).toEqual([
        `adservice: In pod ${pod}: service.name is addservice instead of adservice.`,
      ]);
    });

    test("a NetworkPolicy that admits nobody breaks the edges to its service", async () => {
      const { namespace } = store;
      const policy = ["networkpolicy", "paymentservice", "-n", namespace];
      const { spec } = JSON.parse(await kubectl(cluster, ["get", ...policy, "-o", "json"])) as {
        spec: { ingress: object[] };
      };
      const patch = (operation: object) =>
        kubectl(cluster, ["patch", ...policy, "--type=json", "-p", JSON.stringify([operation])]);
      const before = await replay(cluster, store);
      const pod = (service: string) => ({
        namespace,
        pod: before.replayed.find((one) => one.service === service)?.pod ?? "",
      });
      const enforced = (expected: boolean) =>
        eventually("The policy's effect", async () => {
          const request = { from: pod("checkoutservice"), to: pod("paymentservice"), port: 50051 };
          const { allowed } = (await cluster.control("POST", "/allowed", request)) as AllowedAnswer;
          return allowed === expected ? true : undefined;
        });
      await patch({ op: "remove", path: "/spec/ingress" });
      try {
        await enforced(false);
        const found = await replay(cluster, store);
        expect(named(found)).toEqual({
          services: ["paymentservice"],
          edges: ["checkoutservice → paymentservice"],
        });
        expect(found.problems.at(-1)).toMatch(
          /^checkoutservice → paymentservice: PAYMENT_SERVICE_ADDR is paymentservice:50051; connection reset; NetworkPolicy /,
        );
      } finally {
        await patch({ op: "add", path: "/spec/ingress", value: spec.ingress });
        await enforced(true);
      }
    });

    test("an interrupted replay leaves no process behind, nor anything that the next one stumbles over", async () => {
      const interrupted = new AbortController();
      const reason = new Error("Ended by SIGINT.");
      let running = 0;
      const told: string[] = [];
      const report = (text: string) => {
        told.push(text);
        if (!text.startsWith("one request")) return;
        running = replayPrograms(cluster).length;
        interrupted.abort(reason);
      };
      await expect(replay(cluster, store, { report, signal: interrupted.signal })).rejects.toBe(reason);
      expect(running).toBeGreaterThanOrEqual(Object.keys(store.services).length);
      expect(replayPrograms(cluster)).toEqual([]);
      expect(told.at(-1)).toMatch("one request");
      await right();
    });
  });
});
