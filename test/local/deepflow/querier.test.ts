import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp } from "../../../local/deepflow/deepflow-app.ts";
import type { FlowRow } from "../../../local/deepflow/flow-row.ts";
import { flowRowOf } from "../../../local/deepflow/flow-rows.ts";
import type { JsonServer } from "../../../local/deepflow/json-server.ts";
import { observedRows } from "../../../local/deepflow/observed-requests.ts";
import { startQuerier } from "../../../local/deepflow/querier.ts";
import { spanOf } from "../report/sample-trace.ts";

const known = {
  nodes: [],
  pods: [
    { address: "10.244.1.1", name: "shop-0", namespace: "shop", node: "node-1" },
    { address: "10.244.1.2", name: "stock-0", namespace: "shop", node: "node-1" },
  ],
};
const resource = (name: string, address: string) => ({ "service.name": name, "app.host.ip": address });
const own = [
  spanOf({ spanId: "a", ms: 100, resource: resource("shop", "10.244.1.1") }),
  spanOf({
    spanId: "b",
    parentSpanId: "a",
    kind: "CLIENT",
    at: 10,
    ms: 80,
    resource: resource("shop", "10.244.1.1"),
  }),
  spanOf({ spanId: "c", parentSpanId: "b", at: 30, ms: 40, resource: resource("stock", "10.244.1.2") }),
  spanOf({ spanId: "d", traceId: "other", resource: resource("lost", "192.0.2.1") }),
].map((span) => flowRowOf(span, known));
const rows: FlowRow[] = [...own, ...observedRows(own)];
const seconds = Math.floor(Number(own[0]?.endTimeUs) / 1e6);

let querier: JsonServer;
let app: JsonServer;
beforeAll(async () => {
  [querier, app] = await Promise.all([startQuerier({ rows: () => rows }), startApp({ rows: () => rows })]);
});
afterAll(() => Promise.all([querier.stop(), app.stop()]));

async function post(sql: string, fields = { db: "flow_log" }, path = "/v1/query/") {
  const body = new URLSearchParams({ ...fields, sql });
  const response = await fetch(querier.url + path, { method: "POST", body, redirect: "manual" });
  const text = await response.text();
  return { status: response.status, body: (text && JSON.parse(text)) as Record<string, unknown> };
}

const answered = async (sql: string) => (await post(sql)).body["result"];

describe("the querier", () => {
  test("counts, groups and lists rows", async () => {
    const inTime = `time>=${seconds - 5} AND time<=${seconds + 5}`;
    expect(
      await answered(
        `SELECT signal_source, Count(row) AS spans FROM l7_flow_log WHERE ${inTime} AND (pod_ns_0='shop' OR pod_ns_1='shop') GROUP BY signal_source`,
      ),
    ).toEqual({
      columns: ["signal_source", "spans"],
      values: [
        [4, 3],
        [3, 2],
        [0, 2],
      ],
      schemas: [],
    });
    expect(
      await answered(
        "SELECT Count(row) AS c FROM l7_flow_log WHERE signal_source=4 AND pod_ns_id_0=0 AND pod_ns_id_1=0",
      ),
    ).toMatchObject({ values: [[1]] });
    expect(
      await answered(
        "SELECT `attribute.app.host.ip`, ip_1 FROM l7_flow_log WHERE app_service='stock' LIMIT 20",
      ),
    ).toEqual({
      columns: ["attribute.app.host.ip", "ip_1"],
      values: [["10.244.1.2", "10.244.1.2"]],
      schemas: [],
    });
  });

  test("is two-sided: a server's span has a namespace on side 1 alone, a client's on side 0", async () => {
    const of = (side: number) =>
      answered(`SELECT endpoint FROM l7_flow_log WHERE signal_source=4 AND pod_ns_${side}='shop'`);
    expect(await of(0)).toMatchObject({ values: [["GET /"]] });
    expect(await of(1)).toMatchObject({ values: [["GET /"], ["GET /"]] });
  });

  test("leaves groups of no namespace out, answers null for no rows, and 10,000 of more", async () => {
    expect(
      await answered("SELECT pod_ns_1, Count(row) AS c FROM l7_flow_log GROUP BY pod_ns_1"),
    ).toMatchObject({ values: [["shop", 6]] });
    expect(await answered("SELECT endpoint FROM l7_flow_log WHERE trace_id='none'")).toMatchObject({
      values: null,
    });
    const many = await startQuerier({ rows: () => Array.from({ length: 10_001 }, () => own).flat() });
    const body = new URLSearchParams({ db: "flow_log", sql: "SELECT endpoint FROM l7_flow_log" });
    const { result } = (await (await fetch(`${many.url}/v1/query/`, { method: "POST", body })).json()) as {
      result: { values: unknown[] };
    };
    expect(result.values).toHaveLength(10_000);
    await many.stop();
  });

  test.each([
    ["SELECT nothing FROM l7_flow_log", "tag nothing is not found"],
    ["SELECT endpoint FROM l4_flow_log", "table l4_flow_log is not found"],
    ["SELECT count(row) AS c FROM l7_flow_log", "function count is not supported"],
    ["SELECT Count(*) AS c FROM l7_flow_log", "syntax error"],
    ["SELECT endpoint, Count(row) AS c FROM l7_flow_log", "neither counted nor in GROUP BY"],
    ["SELECT endpoint FROM l7_flow_log WHERE time>='1'", "column time is no string"],
    ["SELECT endpoint FROM l7_flow_log WHERE time>=now()", "syntax error"],
    ["SELECT endpoint FROM l7_flow_log WHERE endpoint LIKE 'GET'", "syntax error"],
    ["SELECT endpoint FROM l7_flow_log ORDER BY time", "syntax error"],
    ["SELECT endpoint FROM l7_flow_log;", "syntax error"],
    ["", "syntax error"],
  ])("answers %s with 500", async (sql, why) => {
    const { status, body } = await post(sql);
    expect(status).toBe(500);
    expect(body).toMatchObject({ OPT_STATUS: "FAIL", result: null });
    expect(body["DESCRIPTION"]).toContain(why);
  });

  test("wants its path with a slash, db flow_log, and POST", async () => {
    expect((await post("SELECT endpoint FROM l7_flow_log", { db: "flow_log" }, "/v1/query")).status).toBe(
      307,
    );
    expect(await post("SELECT endpoint FROM l7_flow_log", { db: "none" })).toMatchObject({
      status: 400,
      body: { OPT_STATUS: "RESOURCE_NOT_FOUND" },
    });
    expect((await fetch(`${querier.url}/v1/query/`)).status).toBe(404);
  });
});

describe("deepflow-app", () => {
  const trace = async (fields: object) => {
    const response = await fetch(`${app.url}/v1/stats/querier/L7FlowTracing`, {
      method: "POST",
      body: JSON.stringify(fields),
    });
    return { status: response.status, body: (await response.json()) as { DATA?: { tracing?: object[] } } };
  };
  const asked = {
    TIME_START: seconds - 5,
    TIME_END: seconds + 5,
    DATABASE: "flow_log",
    TABLE: "l7_flow_log",
  };

  test("makes one trace of all rows, each observation point below the one before it", async () => {
    const { body } = await trace({ ...asked, trace_id: own[0]?.traceId, has_attributes: 1 });
    const spans = body.DATA?.tracing as { id: number; parent_id: number; tap_side: string }[];
    const chain: string[] = [];
    let at = spans.find(({ tap_side, parent_id }) => tap_side === "s-app" && parent_id >= 1);
    while (at !== undefined) {
      chain.push(at.tap_side);
      const { parent_id: parent } = at;
      at = spans.find(({ id }) => id === parent);
    }
    expect(chain).toEqual(["s-app", "s-p", "s", "c", "c-p", "c-app", "s-app"]);
  });

  test("has nothing of a trace that it does not find, and refuses what lacks a field", async () => {
    expect(await trace({ ...asked, trace_id: "none" })).toMatchObject({ status: 200, body: { DATA: {} } });
    expect(await trace({ ...asked, TABLE: undefined, trace_id: "none" })).toMatchObject({
      status: 400,
      body: { OPT_STATUS: "INVALID_POST_DATA" },
    });
  });
});
