import { expect, test } from "vitest";
import type { TracingSpan } from "../../verify/deepflow/app.ts";
import { verificationPage } from "../../verify/report/page.ts";
import { traceReport } from "../../verify/report/trace-report.ts";

const span = (fields: Partial<TracingSpan>): TracingSpan => ({
  id: 0,
  parent_id: -1,
  signal_source: 4,
  tap_side: "s-app",
  start_time_us: 1_000_000,
  end_time_us: 1_100_000,
  endpoint: "GET /shop",
  request_type: "GET",
  request_resource: "/shop",
  response_status: 0,
  l7_protocol_str: "HTTP",
  app_service: "shop",
  auto_instance: "shop-0",
  ip: "10.244.1.10",
  attribute: { "http.method": "GET" },
  ...fields,
});

const spans = [
  span({}),
  span({ id: 1, parent_id: 0, tap_side: "c-app", end_time_us: 1_090_000 }),
  span({ id: 2, parent_id: 1, tap_side: "c", signal_source: 0, app_service: null }),
  span({ id: 3, parent_id: 2, tap_side: "s-p", signal_source: 3, app_service: "", auto_instance: "stock-0" }),
  span({ id: 4, parent_id: 3, app_service: "stock", auto_instance: "stock-0", response_status: 3 }),
];

test("A trace of DeepFlow's is drawn with its services, their calls and where each span was seen", () => {
  const { services, edges, trace } = traceReport({ traceId: "abc", spans }, undefined);
  expect(services.map(({ name, received }) => `${name} ${received}`)).toEqual([
    "shop 2",
    "shop-0 1",
    "stock-0 1",
    "stock 1",
  ]);
  expect(edges.map(({ from, to, protocol }) => `${from} → ${to}: ${protocol}`)).toContain(
    "stock-0 → stock: http",
  );
  expect(trace.map(({ name, parentSpanId, statusCode }) => [name, parentSpanId, statusCode])).toEqual([
    ["GET /shop", "", "UNSET"],
    ["GET /shop", "0", "UNSET"],
    ["GET /shop (network, c)", "1", "UNSET"],
    ["GET /shop (eBPF, s-p)", "2", "UNSET"],
    ["GET /shop", "3", "ERROR"],
  ]);
  expect(trace[0]?.attributes).toMatchObject({ "signal source": "OpenTelemetry", "http.method": "GET" });
});

test("The page shows each step with what it means and what to do, and reads no text as markup", () => {
  const steps = [
    {
      id: "objects",
      number: 1,
      title: "Kubernetes objects",
      finding: { state: "passed", saw: "All <b>well</b>." },
    },
    {
      id: "agents",
      number: 2,
      title: "deepflow-agents",
      finding: { state: "failed", saw: "None.", means: "Nothing.", fix: "Something.", mayPass: false },
    },
  ] as const;
  const traces = [{ demo: undefined, trace: { traceId: "abc", spans } }];
  const text = verificationPage(
    { steps, traces },
    { stack: "dev", generatedAt: new Date(0), note: "Made up." },
  );
  expect(text).toContain("✗ 1 step failed");
  expect(text).toContain("All &#60;b&#62;well&#60;/b&#62;.");
  expect(text).toContain("<b>That means:</b> Nothing.");
  expect(text).toContain("<b>What to do:</b> Something.");
  expect(text).toContain("<p>Made up.</p>");
  expect(text.match(/<li style=/g)).toHaveLength(spans.length);
});
