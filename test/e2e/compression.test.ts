import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { deepFlowDestination } from "../../components/deepflow/destination.ts";
import { deepFlowSettings } from "../../components/deepflow/settings.ts";
import { testedVersions } from "../../components/otel-agent/collector-version.ts";
import { startIntegrationCollector } from "../../local/deepflow/integration-collector.ts";
import { describeCluster } from "../cluster/harness.ts";
import { startLoneCollector } from "./lone-collector.ts";

describeCluster("destination.compression", () => {
  test.each(testedVersions.map((version) => version.join(".")))(
    "gzip arrives through Collector %s",
    async (version) => {
      const arrived: string[] = [];
      const agent = await startIntegrationCollector({
        address: "127.0.0.1",
        port: 0,
        onRequest: ({ spans }) => arrived.push(...spans.map(({ spanId }) => spanId)),
      });
      const url = `http://127.0.0.1:${agent.port}/api/v1/otel/trace`;
      const settings = deepFlowSettings.parse({ type: "url", url, compression: "gzip" });
      const collector = await startLoneCollector({
        version,
        agentPort: agent.port,
        args: { destination: deepFlowDestination(settings, "open-telemetry") },
      });
      const spanId = randomBytes(8);
      const span = { traceId: randomBytes(16), spanId, name: "GET /", kind: 2 };
      expect(await collector.send([{ resource: [], scopes: [{ spans: [span] }] }])).toBe(200);
      // It sends what it holds before it ends.
      await collector.stop();
      await agent.close();
      expect(arrived).toEqual([spanId.toString("hex")]);
    },
  );
});
