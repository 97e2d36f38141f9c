import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { body } from "../../bench/bodies.ts";
import { FaultyDeepFlow } from "../../bench/soak/deepflow.ts";
import { Ledger } from "../../bench/soak/ledger.ts";
import { testedVersions } from "../../components/otel-agent/collector-version.ts";
import { eventually } from "../../local/cluster/pods.ts";
import { describeCluster } from "../cluster/harness.ts";
import { startLoneCollector, type LoneCollector } from "./lone-collector.ts";

const scaling = readFileSync(join(import.meta.dirname, "..", "..", "docs", "scaling.md"), "utf8");

/** Patterns of the metrics that docs/scaling.md says to watch. */
const watched = [...new Set([...scaling.matchAll(/otelcol_\w+(\(\w+\)\?)?/g)].map(([pattern]) => pattern))];

test("docs/scaling.md says what to watch", () => {
  expect(watched.length).toBeGreaterThan(4);
});

describeCluster("the metrics that docs/scaling.md says to watch", () => {
  describe.each(testedVersions.map((version) => version.join(".")))("Collector %s", (version) => {
    const ledger = new Ledger();
    const deepFlow = new FaultyDeepFlow(ledger);
    let collector: LoneCollector;

    beforeAll(async () => {
      await deepFlow.come();
      const args = { selfMetrics: true };
      collector = await startLoneCollector({ version, agentPort: deepFlow.port, args });
    });
    afterAll(async () => {
      await collector.stop();
      await deepFlow.go();
    });

    async function names(): Promise<Set<string>> {
      const url = collector.url.replace("4318/v1/traces", "8888/metrics");
      const text = await (await fetch(url)).text();
      return new Set([...text.matchAll(/^(\w+)/gm)].map(([name]) => name));
    }

    async function send(): Promise<void> {
      expect(await collector.sendBytes(body("java"))).toBe(200);
    }

    test("has every one of them once spans have gone both ways", async () => {
      await send();
      await eventually("spans of the first request", () =>
        Promise.resolve(ledger.quietSeconds < 5 ? true : undefined),
      );
      deepFlow.behave("500");
      await send();
      const missing = async () => {
        const there = [...(await names())];
        return watched.filter((pattern) => !there.some((name) => new RegExp(`^${pattern}$`).test(name)));
      };
      await eventually("every metric", async () => ((await missing()).length === 0 ? true : undefined)).catch(
        async () => {
          expect(await missing()).toEqual([]);
        },
      );
    });
  });
});
