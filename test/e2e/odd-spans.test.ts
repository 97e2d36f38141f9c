import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flushTimeoutSeconds } from "../../components/otel-agent/collector-config.ts";
import { testedVersions } from "../../components/otel-agent/collector-version.ts";
import { strictLanguages } from "../../components/otel-agent/span-guards.ts";
import {
  startIntegrationCollector,
  type IntegrationCollector,
} from "../../local/deepflow/integration-collector.ts";
import type { Span } from "../../local/deepflow/otlp.ts";
import { describeCluster } from "../cluster/harness.ts";
import { startLoneCollector, type LoneCollector } from "./lone-collector.ts";
import { deepRequests, goodRequest, oddRequest, unmendableRequests } from "./odd-requests.ts";
import type { OddResourceSpans } from "./otlp-bytes.ts";

const seed = Number(process.env["ODD_SPANS_SEED"] ?? randomInt(2 ** 31));
const requests = Number(process.env["ODD_SPANS"] ?? 2000);

describeCluster(`odd spans (ODD_SPANS_SEED=${seed})`, () => {
  describe.each(testedVersions.map((version) => version.join(".")))("through Collector %s", (version) => {
    let agent: IntegrationCollector;
    let collector: LoneCollector;
    const arrived = new Map<string, Span[]>();
    const refusals: string[] = [];

    beforeAll(async () => {
      agent = await startIntegrationCollector({
        address: "127.0.0.1",
        port: 0,
        onRequest: ({ spans }) => {
          for (const span of spans) arrived.set(span.spanId, [...(arrived.get(span.spanId) ?? []), span]);
        },
        onDecodeError: (reason) => refusals.push(reason),
        onPanic: (reason) => refusals.push(reason),
      });
      collector = await startLoneCollector({ version, agentPort: agent.port });
    });
    afterAll(async () => {
      await collector.stop();
      await agent.close();
    });

    /** Waits until every one of these spans has arrived, or `seconds` are over. */
    async function arrivalOf(ids: readonly string[], seconds: number): Promise<string[]> {
      const end = Date.now() + seconds * 1000;
      const missing = () => ids.filter((id) => !arrived.has(id));
      while (missing().length > 0 && Date.now() < end) await sleep(100);
      return missing();
    }

    test(`${requests} odd requests: the agent neither ends nor closes a connection, and every span arrives once`, async () => {
      const ids: string[] = [];
      const refused = new Map<number, number>();
      for (const request of fc.sample(oddRequest, { numRuns: requests, seed })) {
        const status = await collector.send(request);
        if (status === 200) ids.push(...idsOf(request));
        else refused.set(status, (refused.get(status) ?? 0) + 1);
      }
      const missing = await arrivalOf(ids, 15);
      expect(new Set(refusals)).toEqual(new Set());
      expect(missing).toEqual([]);
      expect([...refused.keys()]).toEqual([]);
      expect(ids.length).toBeGreaterThan(requests);
      expect(ids.filter((id) => arrived.get(id)?.length !== 1)).toEqual([]);
    });

    /** Sends a span of a strict SDK, and returns its id once it has arrived. */
    async function goodSpanArrives(): Promise<string> {
      const good = goodRequest(strictLanguages[0]);
      expect(await collector.send(good)).toBe(200);
      const [id = ""] = idsOf(good);
      expect(await arrivalOf([id], 10)).toEqual([]);
      return id;
    }

    test("a good span right after them arrives within seconds, unchanged", async () => {
      const id = await goodSpanArrives();
      expect(arrived.get(id)?.[0]).toMatchObject({
        name: "Größe 尺寸",
        attributes: { text: "a \uFFFD that somebody meant", list: ["ä", 2, { deep: [true] }], empty: "" },
      });
      expect(refusals).toEqual([]);
    });

    test("values of 100,000 levels cost neither a span nor the Collector's memory", async () => {
      const before = refusals.length;
      for (const request of deepRequests()) {
        expect(await collector.send(request)).toBe(200);
        expect(await arrivalOf(idsOf(request), 10)).toEqual([]);
      }
      expect(refusals.slice(before)).toEqual([]);
      expect(peakMemoryMib(collector.pid)).toBeLessThan(512);
    });

    test("twelve batches that nothing mends are sent again and again, and good spans still arrive within seconds", async () => {
      for (const request of unmendableRequests(12)) {
        expect(await collector.send(request)).toBe(200);
        await sleep(1100 * flushTimeoutSeconds);
      }
      expect(refusals.length).toBeGreaterThan(10);
      await goodSpanArrives();
    });
  });
});

function idsOf(request: readonly OddResourceSpans[]): string[] {
  return request.flatMap(({ scopes }) =>
    scopes.flatMap(({ spans }) => spans.map(({ spanId }) => Buffer.from(spanId).toString("hex"))),
  );
}

function peakMemoryMib(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}
