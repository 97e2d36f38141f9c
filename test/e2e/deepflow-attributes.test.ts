import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testedVersions } from "../../components/otel-agent/collector-version.ts";
import { conventions } from "../../components/otel-agent/deepflow-attributes.ts";
import { ingest } from "../../local/deepflow/ingester.ts";
import {
  startIntegrationCollector,
  type IntegrationCollector,
} from "../../local/deepflow/integration-collector.ts";
import type { L7FlowLog } from "../../local/deepflow/l7-flow-log.ts";
import type { Attributes, Span } from "../../local/deepflow/otlp.ts";
import { describeCluster } from "../cluster/harness.ts";
import { startLoneCollector, type LoneCollector } from "./lone-collector.ts";
import type { OddSpan, Value } from "./otlp-bytes.ts";

type Given = Readonly<Record<string, string | number>>;

interface Case {
  readonly name: string;
  readonly span: Given;
  /** What is added to it. */
  readonly added: Given;
  /** What DeepFlow makes of it then, as far as it is of interest. */
  readonly columns?: Partial<L7FlowLog>;
}

const server = {
  "http.request.method": "GET",
  "http.response.status_code": 200,
  "url.path": "/shop/a",
  "url.query": "x=1",
  "url.scheme": "http",
  "server.address": "shop",
  "network.protocol.version": "1.1",
};
const serverAdded = {
  "http.method": "GET",
  "http.status_code": 200,
  "http.target": "/shop/a?x=1",
  "http.host": "shop",
  "http.flavor": "1.1",
};
const client = {
  "http.request.method": "GET",
  "http.response.status_code": 500,
  "url.full": "http://nacos:8848/nacos/v1?x=2",
  "server.address": "nacos",
};
const clientAdded = {
  "http.method": "GET",
  "http.status_code": 500,
  "http.url": "http://nacos:8848/nacos/v1?x=2",
  "http.host": "nacos",
};
const database = {
  "db.system.name": "postgresql",
  "db.query.text": "SELECT 1",
  "db.operation.name": "SELECT",
  "server.address": "pg",
};
const databaseAdded = {
  "db.system": "postgresql",
  "db.statement": "SELECT 1",
  "db.operation": "SELECT",
  "db.connection_string": "pg",
};
const older = {
  "http.method": "GET",
  "http.status_code": 200,
  "http.target": "/a?x=1",
  "http.host": "shop",
  "http.flavor": "1.1",
  "http.scheme": "http",
};

const cases: readonly Case[] = [
  {
    name: "an HTTP server span gets method, status, target with query, host and version",
    span: server,
    columns: {
      l7Protocol: 20,
      version: "1.1",
      requestType: "GET",
      requestResource: "/shop/a?x=1",
      requestDomain: "shop",
      responseCode: 200,
    },
    added: serverAdded,
  },
  {
    name: "an HTTPS server span gets no scheme, which would make DeepFlow take its protocol for unknown",
    span: { ...server, "url.scheme": "https" },
    columns: {
      l7Protocol: 20,
      version: "1.1",
      requestType: "GET",
      requestResource: "/shop/a?x=1",
      requestDomain: "shop",
      responseCode: 200,
    },
    added: serverAdded,
  },
  {
    name: "an HTTP/2 server span gets its version, by which DeepFlow tells HTTP/2",
    span: { ...server, "network.protocol.version": "2" },
    columns: { l7Protocol: 21, version: "2", requestResource: "/shop/a?x=1" },
    added: { ...serverAdded, "http.flavor": "2" },
  },
  {
    name: "a path without a query, or with an empty one, is the target as it is",
    span: { ...server, "url.query": "" },
    columns: { requestResource: "/shop/a" },
    added: { ...serverAdded, "http.target": "/shop/a" },
  },
  {
    name: "an HTTP client span gets the URL, of which DeepFlow takes the path",
    span: client,
    columns: {
      l7Protocol: 20,
      requestType: "GET",
      requestResource: "/nacos/v1?x=2",
      requestDomain: "nacos",
      responseCode: 500,
      responseStatus: 3,
    },
    added: clientAdded,
  },
  {
    name: "an HTTPS client span gets the URL and no scheme",
    span: { ...client, "url.full": "https://nacos/nacos/v1?x=2", "url.scheme": "https" },
    columns: { l7Protocol: 20, requestResource: "/nacos/v1?x=2" },
    added: { ...clientAdded, "http.url": "https://nacos/nacos/v1?x=2" },
  },
  {
    name: "body sizes are DeepFlow's lengths",
    span: { ...server, "http.request.body.size": 123, "http.response.body.size": 45 },
    columns: { requestLength: 123, responseLength: 45 },
    added: { ...serverAdded, "http.request_content_length": 123, "http.response_content_length": 45 },
  },
  {
    name: "a span of the older conventions is left alone",
    span: older,
    columns: {
      l7Protocol: 20,
      version: "1.1",
      requestType: "GET",
      requestResource: "/a?x=1",
      requestDomain: "shop",
      responseCode: 200,
    },
    added: {},
  },
  { name: "a span of both conventions is left alone", span: { ...server, ...older }, added: {} },
  {
    name: "of a span of both in part, what is there stays and what is lacking comes",
    span: { ...server, "http.method": "PUT", "http.target": "/older" },
    added: { "http.status_code": 200, "http.host": "shop", "http.flavor": "1.1" },
  },
  {
    name: "a database span gets system, statement, operation and domain",
    span: database,
    columns: { l7Protocol: 61, requestType: "SELECT", requestResource: "SELECT 1", requestDomain: "pg" },
    added: databaseAdded,
  },
  {
    name: "Microsoft SQL Server is called as before",
    span: { ...database, "db.system.name": "microsoft.sql_server" },
    added: { ...databaseAdded, "db.system": "mssql" },
  },
  {
    name: "Oracle is called as before, by which DeepFlow knows it",
    span: { ...database, "db.system.name": "oracle.db" },
    columns: { l7Protocol: 62 },
    added: { ...databaseAdded, "db.system": "oracle" },
  },
  {
    name: "a request to a database over HTTP keeps the database's operation",
    span: { ...client, "db.system": "elasticsearch", "db.operation": "search" },
    columns: { requestType: "search" },
    added: { ...clientAdded, "http.method": undefined },
  },
  {
    name: "an RPC of the older conventions is left alone",
    span: { "rpc.system": "grpc", "rpc.service": "shop.Cart", "rpc.method": "AddItem" },
    columns: { l7Protocol: 41, requestType: "AddItem", requestResource: "shop.Cart" },
    added: {},
  },
  {
    name: "an RPC of today gets its system, and its service from the full name of the method",
    span: { "rpc.system.name": "grpc", "rpc.method": "shop.Cart/AddItem", "server.address": "cart" },
    columns: { l7Protocol: 41, requestType: "shop.Cart/AddItem", requestResource: "shop.Cart" },
    added: { "rpc.system": "grpc", "rpc.service": "shop.Cart" },
  },
  {
    name: "Dubbo has the name by which DeepFlow knows it",
    span: { "rpc.system.name": "dubbo" },
    columns: { l7Protocol: 40 },
    added: { "rpc.system": "dubbo" },
  },
  {
    name: "a message is left alone: its conventions renamed nothing that DeepFlow reads",
    span: { "messaging.system": "kafka", "messaging.destination.name": "orders", "server.address": "kafka" },
    added: {},
  },
  {
    name: "a span without any convention is left alone",
    span: { "server.address": "x", team: "a" },
    added: {},
  },
].map(({ added, ...rest }) => ({ ...rest, added: JSON.parse(JSON.stringify(added)) as Given }));

describeCluster("what DeepFlow reads of a span", () => {
  describe.each(testedVersions.map((version) => version.join(".")))("through Collector %s", (version) => {
    let agent: IntegrationCollector;
    let collector: LoneCollector;
    const arrived = new Map<string, Span>();
    let ofCases: Span[];

    beforeAll(async () => {
      agent = await startIntegrationCollector({
        address: "127.0.0.1",
        port: 0,
        onRequest: ({ spans }) => {
          for (const span of spans) arrived.set(span.spanId, span);
        },
      });
      collector = await startLoneCollector({ version, agentPort: agent.port });
      ofCases = await through(cases.map(({ span }) => span));
    });
    afterAll(async () => {
      await collector.stop();
      await agent.close();
    });

    /** Each of these spans as it arrives. */
    async function through(given: readonly Given[]): Promise<Span[]> {
      const spans = given.map(spanOf);
      expect(await collector.send([{ scopes: [{ spans }] }])).toBe(200);
      const ids = spans.map(({ spanId }) => Buffer.from(spanId).toString("hex"));
      while (!ids.every((id) => arrived.has(id))) await sleep(50);
      return ids.flatMap((id) => arrived.get(id) ?? []);
    }

    test.each(cases.map((one, index) => ({ ...one, index })))("$name", (one) => {
      const span = ofCases[one.index];
      expect(span?.attributes).toEqual({ ...one.span, ...one.added });
      expect(span && ingest(span)).toMatchObject(one.columns ?? {});
    });

    test("whatever a span has stays, nothing empty is added, and what is read and has a source is there", async () => {
      const given = fc.sample(anySpan, 2000);
      const spans = await through(given);
      for (const [index, before] of given.entries()) {
        const after = spans[index]?.attributes ?? {};
        const added = Object.keys(after).filter((name) => !(name in before));
        expect(after).toMatchObject(before);
        expect(added.filter((name) => !readNames.has(name))).toEqual([]);
        expect(added.filter((name) => after[name] === null || after[name] === "")).toEqual([]);
        expect(missing(before, after), JSON.stringify(before)).toEqual([]);
      }
    });

    test("today's conventions say the same as the older ones", async () => {
      const requests = fc.sample(anyRequest, 300);
      const today = await through(requests.map(inTodaysWords));
      const before = await through(requests.map(inOlderWords));
      expect(today.map(columns)).toEqual(before.map(columns));
    });
  });
});

function spanOf(attributes: Given): OddSpan {
  return {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    name: "span",
    kind: "url.full" in attributes || "http.url" in attributes ? 3 : 2,
    attributes: Object.entries(attributes).map(([key, value]) => [key, valueOf(value)] as const),
  };
}

function valueOf(value: string | number): Value {
  return typeof value === "string" ? { text: value } : { int: BigInt(value) };
}

const rows = conventions.flatMap(({ rows, required }) => rows.map((row) => ({ ...row, required })));
const readNames = new Set(rows.map(({ read }) => read));

/** Attributes of old and new conventions in any mixture. */
const anySpan = fc
  .subarray([
    ...new Set([
      ...rows.flatMap(({ read, from, required }) => [read, from, required]),
      "url.query",
      "url.scheme",
    ]),
  ])
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.tuple(
          fc.constant(name),
          /status|size|length/.test(name) ? fc.nat(999) : fc.string({ minLength: 1 }),
        ),
      ),
    ),
  )
  .map((pairs): Given => Object.fromEntries(pairs));

/** Attributes that DeepFlow reads, whose convention and source are there, and which were not added. */
function missing(before: Given, after: Attributes): string[] {
  return rows
    .filter(({ required, from, read }) => required in before && from in before && !(read in after))
    .map(({ read }) => read)
    .filter((read) => read !== "http.method" || !("db.operation" in after || "rpc.method" in after))
    .filter((read) => read !== "http.url" || !("http.target" in after))
    .filter((read) => read !== "rpc.service" || /^[^/]+\//.test(String(before["rpc.method"])));
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const anyRequest = fc.record({
  what: fc.constantFrom("server", "client", "database", "rpc"),
  host: word,
  path: word.map((name) => `/${name}`),
  query: fc.option(word),
  method: fc.constantFrom("GET", "POST"),
  status: fc.integer({ min: 100, max: 599 }),
  version: fc.constantFrom("1.1", "2"),
  size: fc.option(fc.nat(1e6)),
});
type Request = typeof anyRequest extends fc.Arbitrary<infer T> ? T : never;

function inTodaysWords({ what, host, path, query, method, status, version, size }: Request): Given {
  if (what === "database") return { ...database, "server.address": host, "db.query.text": path };
  if (what === "rpc") return { "rpc.system.name": "grpc", "rpc.method": `${host}/${method}` };
  return {
    "http.request.method": method,
    "http.response.status_code": status,
    "network.protocol.version": version,
    "server.address": host,
    ...(what === "server"
      ? { "url.path": path, ...(query !== null && { "url.query": query }) }
      : { "url.full": `http://${host}${path}` }),
    ...(size !== null && { "http.response.body.size": size }),
  };
}

function inOlderWords({ what, host, path, query, method, status, version, size }: Request): Given {
  if (what === "database") return { ...databaseAdded, "db.connection_string": host, "db.statement": path };
  if (what === "rpc") return { "rpc.system": "grpc", "rpc.service": host, "rpc.method": `${host}/${method}` };
  return {
    "http.method": method,
    "http.status_code": status,
    "http.flavor": version,
    "http.host": host,
    ...(what === "server"
      ? { "http.target": query === null ? path : `${path}?${query}` }
      : { "http.url": `http://${host}${path}` }),
    ...(size !== null && { "http.response_content_length": size }),
  };
}

/** The columns that DeepFlow fills, but those that only name the span or repeat what it has. */
function columns(span: Span): Partial<L7FlowLog> {
  return { ...ingest(span), traceId: "", spanId: "", attributes: [] };
}
