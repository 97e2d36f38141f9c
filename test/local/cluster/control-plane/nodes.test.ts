import { expect, test } from "vitest";
import { podTemplate } from "../../../../components/demo/pod-template.ts";
import { rows } from "../../../../components/demo/table.ts";
import { otelAgentDestination } from "../../../../components/otel-agent/destination.ts";
import { nodeList } from "../../../../local/cluster/control-plane/nodes.ts";
import { webShop, webStore } from "../../../demo/demos.ts";

test("the simulated nodes are of the architecture that the demos' pods select, whatever machine this is", () => {
  const { items } = nodeList(1, "v1") as { items: { metadata: { labels: Record<string, string> } }[] };
  const destination = otelAgentDestination("open-telemetry");
  const selectors = [webShop(), webStore()].flatMap((demo) =>
    rows(demo).map(
      (row) => (podTemplate(row, { destination }).spec as { nodeSelector?: object }).nodeSelector,
    ),
  );
  const selected = selectors.filter((selector) => selector !== undefined);
  expect(selected.length).toBeGreaterThan(0);
  for (const selector of selected) expect(items[0]?.metadata.labels).toMatchObject(selector);
});
