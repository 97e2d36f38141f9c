import { setTimeout as sleep } from "node:timers/promises";
import { dump } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { body } from "../../bench/bodies.ts";
import { FaultyDeepFlow } from "../../bench/soak/deepflow.ts";
import { Ledger } from "../../bench/soak/ledger.ts";
import { testedVersions } from "../../components/otel-agent/collector-version.ts";
import { alerts, prometheusRuleSpec, type Alert } from "../../components/otel-agent/monitoring/alerts.ts";
import { dashboard } from "../../components/otel-agent/monitoring/dashboard.ts";
import { describeCluster } from "../cluster/harness.ts";
import { startLoneCollector, type LoneCollector } from "./lone-collector.ts";
import { buildMilliseconds, evaluate, type Sample, type Scrape } from "./promql/promql.ts";

/** Seconds from one scrape to the next, in the time that Prometheus is told. */
const scrapeSeconds = 30;

/** What a PodMonitor adds to the series of a Collector. */
const labels = { namespace: "open-telemetry", pod: "otel-agent-x", container: "otel-agent" };
const monitored = { namespace: labels.namespace, memoryLimitMib: 256 };
const rules = dump(prometheusRuleSpec(monitored));
/** Of every panel, with the interval that Grafana puts in. */
const queries = dashboard(monitored)
  .panels.flatMap(({ targets }) => targets)
  .map(({ expr }) => expr.replaceAll("$__rate_interval", "2m"));

describeCluster("alerts and dashboard", () => {
  test(
    "Prometheus does not load a rule that is none, and loads the alerts",
    async () => {
      const nothing = { labels, scrapes: [], expressions: [] };
      await expect(evaluate({ ...nothing, rules: rules.replace("expr: ", "expr: ) ") })).rejects.toThrow(
        "could not parse expression",
      );
      expect(await evaluate({ ...nothing, rules })).toEqual([]);
    },
    buildMilliseconds,
  );

  describe.each(testedVersions.map((version) => version.join(".")))("on Collector %s", (version) => {
    const deepFlow = new FaultyDeepFlow(new Ledger());
    let collector: LoneCollector;
    const scrapes: Scrape[] = [];
    /** The first scrape of each state and the one after its last. */
    const states: Record<string, readonly [from: number, to: number]> = {};
    let results: Record<string, Sample[][]>;

    async function scrape(): Promise<void> {
      const url = collector.url.replace("4318/v1/traces", "8888/metrics");
      const text = await fetch(url).then(
        (answer) => answer.text(),
        () => undefined,
      );
      scrapes.push({ atSeconds: (scrapes.length + 1) * scrapeSeconds, ...(text !== undefined && { text }) });
    }

    /** Some minutes, as Prometheus sees it, with so many requests in each half of one. */
    async function state(name: string, minutes: number, requests: number, pause = 100): Promise<void> {
      const from = scrapes.length;
      for (let half = 0; half < 2 * minutes; half++) {
        for (let sent = 0; sent < requests; sent++) await collector.sendBytes(body("java"));
        await sleep(pause);
        await scrape();
      }
      states[name] = [from, scrapes.length];
    }

    beforeAll(async () => {
      await deepFlow.come();
      const args = { selfMetrics: true, memoryLimitMib: monitored.memoryLimitMib };
      collector = await startLoneCollector({ version, agentPort: deepFlow.port, args });
      // A batch leaves after a second, which must not be minutes to Prometheus.
      await state("well", 7, 1, 600);
      deepFlow.behave("503");
      await state("away", 20, 20);
      deepFlow.behave("500");
      await state("refusing", 10, 1);
      await collector.stop("SIGKILL");
      await state("down", 10, 0);
      const expressions = [...alerts.map(({ expression }) => expression(monitored)), ...queries];
      const evaluated = await evaluate({ labels, rules, scrapes, expressions });
      results = Object.fromEntries(
        expressions.map((expression, index) => [expression, evaluated[index] ?? []]),
      );
    }, buildMilliseconds);
    afterAll(() => deepFlow.go());

    /** The alerts that fire at some time of a state: they have had a result for as long as they wait. */
    function firing(name: string): string[] {
      const [from, to] = states[name] ?? [0, 0];
      const fires = (alert: Alert) => {
        const waits = parseInt(alert.for) * (alert.for.endsWith("m") ? 60 : 1);
        const pending = (results[alert.expression(monitored)] ?? [])
          .slice(0, to)
          .map((samples) => (samples.length > 0 ? "x" : " "))
          .join("");
        return pending.slice(from).includes("x".repeat(1 + waits / scrapeSeconds));
      };
      return alerts.filter(fires).map((alert) => alert.name);
    }

    test("nothing fires while all is well", () => {
      expect(firing("well")).toEqual([]);
    });

    test("while DeepFlow is away it is said that spans wait, and that senders are refused", () => {
      // How much memory a full queue takes is the garbage collector's doing.
      const told = firing("away").filter((name) => name !== "OtelAgentMemoryNearLimit");
      expect(told).toEqual(["OtelAgentQueueFilling", "OtelAgentRefusesSpans", "OtelAgentExportsNothing"]);
    });

    test("what DeepFlow refuses for good is said to be lost", () => {
      expect(firing("refusing")).toContain("OtelAgentLosesSpans");
    });

    test("a Collector that is gone is said to be down", () => {
      expect(firing("down")).toContain("OtelAgentDown");
    });

    test("memory is near a limit that is as small as what it has", async () => {
      const expressions = alerts
        .filter(({ name }) => name === "OtelAgentMemoryNearLimit")
        .map(({ expression }) => expression({ ...monitored, memoryLimitMib: 32 }));
      const [found] = await evaluate({ labels, rules, scrapes, expressions });
      expect(found?.[0]).toMatchObject([{ labels: { pod: labels.pod } }]);
    });

    test("every graph of the dashboard has a line", () => {
      expect(queries.length).toBeGreaterThan(6);
      const empty = queries.filter((query) => results[query]?.every((samples) => samples.length === 0));
      expect(empty).toEqual([]);
    });
  });
});
