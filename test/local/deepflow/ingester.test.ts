import { describe, expect, test } from "vitest";
import { ingest, ingestTraces } from "../../../local/deepflow/ingester.ts";
import { resourceTagsOf } from "../../../local/deepflow/knowledge-graph.ts";
import type { L7FlowLog } from "../../../local/deepflow/l7-flow-log.ts";
import { fillHostAddress, spansOf } from "../../../local/deepflow/otlp.ts";
import type { AnyValue, Attributes, KeyValue, Span } from "../../../local/deepflow/otlp.ts";

const span = (attributes: Attributes = {}, other: Partial<Span> = {}): Span => ({
  ...{ traceId: "0a", spanId: "01", parentSpanId: "02", name: "s", kind: "SERVER" },
  ...{ startTimeUnixNano: "1", endTimeUnixNano: "2", statusCode: "UNSET" },
  ...{ resource: {}, attributes, scope: "", links: [] },
  ...other,
});
const ingested = (attributes: Attributes, other?: Partial<Span>): L7FlowLog =>
  ingest(span(attributes, other));
/** What becomes of attributes in the order and with the types in which they were sent. */
const ingestedPairs = (...own: [string, AnyValue | undefined][]): L7FlowLog =>
  ingest(
    span(),
    own.map(([key, value]): KeyValue => (value === undefined ? { key } : { key, value })),
    [],
  );
const text = (stringValue: string): AnyValue => ({ stringValue });

const nothing = { requestType: "", requestResource: "", requestDomain: "", version: "", isTls: 0 };
const withoutCode = (log: L7FlowLog): void => {
  expect(log.responseCode).toBeUndefined();
  expect(log.responseStatus).toBe(5);
};

describe("What the real ingester made of spans of today's conventions, with no mapping", () => {
  const server = {
    "http.request.method": "GET",
    "url.path": "/shop/a",
    "url.query": "x=1",
    "url.scheme": "http",
  };
  test.each<[string, Attributes]>([
    ["an HTTP server span", { ...server, "http.response.status_code": 200, "server.address": "shop" }],
    ["an HTTPS server span", { ...server, "url.scheme": "https", "http.response.status_code": 404 }],
    ["an HTTP/2 server span", { ...server, "network.protocol.version": "2" }],
    ["an HTTP client span", { "http.request.method": "GET", "url.full": "http://nacos:8848/nacos/v1?x=2" }],
    ["an HTTPS client span", { "http.request.method": "GET", "url.full": "https://nacos:8848/nacos/v1?x=2" }],
    ["a span with body sizes", { ...server, "http.request.body.size": 123, "http.response.body.size": 45 }],
  ])("%s is HTTP (20) and nothing else", (_, attributes) => {
    const log = ingested(attributes);
    expect(log).toMatchObject({ ...nothing, l7Protocol: 20, bizProtocol: "HTTP" });
    expect(log).not.toHaveProperty("requestLength");
    expect(log).not.toHaveProperty("responseLength");
    withoutCode(log);
  });

  test("a database span is nothing at all", () => {
    const log = ingested(
      { "db.system.name": "mysql", "db.query.text": "SELECT 1", "db.operation.name": "SELECT" },
      { kind: "CLIENT" },
    );
    expect(log).toMatchObject({ ...nothing, l7Protocol: 0, bizProtocol: "" });
    withoutCode(log);
  });

  test("an rpc span has its protocol, method and service", () => {
    expect(
      ingested({ "rpc.system": "grpc", "rpc.service": "shop.Cart", "rpc.method": "AddItem" }),
    ).toMatchObject({ l7Protocol: 41, requestType: "AddItem", requestResource: "shop.Cart" });
  });
});

describe("What the real ingester made of the attributes of older conventions", () => {
  test("an HTTP server span", () => {
    expect(
      ingested({
        ...{ "http.method": "GET", "http.target": "/shop/a?x=1", "http.host": "shop" },
        ...{ "http.flavor": "1.1", "http.status_code": 200, "http.scheme": "http" },
      }),
    ).toMatchObject({
      ...{ l7Protocol: 20, isTls: 0, version: "1.1", requestType: "GET", requestResource: "/shop/a?x=1" },
      ...{ requestDomain: "shop", responseCode: 200, responseStatus: 0, responseException: "" },
    });
  });

  test("http.scheme https costs the protocol: 0, though TLS is seen", () => {
    expect(
      ingested({
        ...{ "http.method": "POST", "http.target": "/pay", "http.status_code": 404, "http.scheme": "https" },
      }),
    ).toMatchObject({
      ...{ l7Protocol: 0, isTls: 1, requestType: "POST", requestResource: "/pay" },
      ...{ responseCode: 404, responseStatus: 4, responseException: "Not Found" },
    });
  });

  test("without a scheme an HTTPS server span is HTTP, and its TLS is lost", () => {
    expect(ingested({ "http.method": "POST", "http.target": "/pay", "http.status_code": 404 })).toMatchObject(
      {
        ...{ l7Protocol: 20, isTls: 0, responseCode: 404, responseStatus: 4 },
      },
    );
  });

  test("an HTTP/2 server span", () => {
    expect(ingested({ "http.method": "GET", "http.flavor": "2", "http.scheme": "http" })).toMatchObject({
      ...{ l7Protocol: 21, version: "2" },
    });
  });

  test.each([
    ["an HTTP client span", "http://nacos:8848/nacos/v1?x=2"],
    ["an HTTPS client span", "https://nacos:8848/nacos/v1?x=2"],
  ])("%s has the path of its URL, query included", (_, url) => {
    expect(
      ingested(
        { "http.method": "GET", "http.url": url, "http.host": "nacos", "http.status_code": 500 },
        { kind: "CLIENT" },
      ),
    ).toMatchObject({
      ...{ l7Protocol: 20, requestType: "GET", requestResource: "/nacos/v1?x=2", requestDomain: "nacos" },
      ...{ responseCode: 500, responseStatus: 3, responseException: "Internal Server Error" },
    });
  });

  test("body sizes are lengths, and are stored as metrics, not as attributes", () => {
    const log = ingested({ "http.request_content_length": 123, "http.response_content_length": 45 });
    expect(log).toMatchObject({ l7Protocol: 20, requestLength: 123, responseLength: 45, attributes: [] });
    expect(log.metrics).toEqual([
      ["http.request_content_length", 123],
      ["http.response_content_length", 45],
    ]);
  });

  test("a database span has system, statement, operation and domain", () => {
    expect(
      ingested({
        ...{ "db.system": "mysql", "db.statement": "SELECT 1", "db.operation": "SELECT" },
        "db.connection_string": "mysql:3306",
      }),
    ).toMatchObject({
      ...{ l7Protocol: 60, requestType: "SELECT", requestResource: "SELECT 1", requestDomain: "mysql:3306" },
    });
  });
});

describe("Which attributes fill a column", () => {
  test.each<[keyof L7FlowLog, string[]]>([
    ["requestType", ["http.method", "db.operation", "rpc.method"]],
    ["requestResource", ["http.target", "db.statement", "messaging.url", "rpc.service"]],
    ["requestDomain", ["http.host", "db.connection_string"]],
    ["bizProtocol", ["http.scheme", "db.system", "rpc.system", "messaging.system", "messaging.protocol"]],
    ["version", ["http.flavor"]],
  ])("%s: the later of two wins", (column, keys) => {
    for (const order of [keys, keys.toReversed()]) {
      expect(ingestedPairs(...order.map((key): [string, AnyValue] => [key, text(key)]))[column]).toBe(
        order.at(-1),
      );
    }
  });

  test("a key given twice counts where it is given last", () => {
    expect(
      ingestedPairs(["http.method", text("GET")], ["rpc.method", text("Add")], ["http.method", text("PUT")]),
    ).toMatchObject({ requestType: "PUT", attributes: [{}, {}, {}] });
  });

  test.each([
    ["http://nacos:8848/nacos/v1", "/nacos/v1"],
    ["http://nacos:8848", "/"],
    ["http://nacos?a=b", "/"],
    ["/nacos/v1", ""],
    ["http://", ""],
  ])("the resource of http.url %s is '%s'", (url, resource) => {
    expect(ingested({ "http.url": url }).requestResource).toBe(resource);
  });

  test("http.url counts only where nothing else gives a resource", () => {
    expect(ingested({ "db.statement": "SELECT 1", "http.url": "http://a/b" }).requestResource).toBe(
      "SELECT 1",
    );
  });

  test("service and instance are the resource's alone", () => {
    const names = { "service.name": "shop", "service.instance.id": "shop-1" };
    expect(ingested({}, { resource: names })).toMatchObject({ appService: "shop", appInstance: "shop-1" });
    expect(ingested(names)).toMatchObject({ appService: "", appInstance: "" });
  });

  test("net.transport gives TCP or UDP, and TCP is the default", () => {
    const transports = ["ip_udp", "ip_tcp", "pipe"];
    expect(transports.map((transport) => ingested({ "net.transport": transport }).protocol)).toEqual([
      17, 6, 6,
    ]);
  });

  test("SkyWalking's ids take the place of the span's own, in their segment", () => {
    expect(
      ingested({ "sw8.segment_id": "seg", "sw8.span_id": 3, "sw8.parent_span_id": 2, "sw8.trace_id": "t" }),
    ).toMatchObject({ traceId: "t", spanId: "seg-3", parentSpanId: "seg-2" });
    expect(ingested({}, { resource: { "sw8.trace_id": "r" } }).traceId).toBe("r");
  });

  test("a length that is no integer is 0", () => {
    expect(ingested({ "http.request_content_length": "123" })).toMatchObject({
      ...{ requestLength: 0, metrics: [["http.request_content_length", 123]] },
    });
  });
});

describe("The number of a protocol", () => {
  test.each([
    ...[
      ["http", 20],
      ["HTTP", 20],
      ["https", 0],
      ["grpc", 41],
      ["dubbo", 40],
      ["apache_dubbo", 0],
    ],
    ...[
      ["mysql", 60],
      ["postgresql", 61],
      ["oracle", 62],
      ["redis", 80],
      ["mongodb", 81],
      ["memcached", 0],
    ],
    ...[
      ["kafka", 100],
      ["mqtt", 101],
      ["amqp", 102],
      ["pulsar", 105],
      ["rocketmq", 107],
      ["rabbitmq", 0],
    ],
    ...[
      ["mssql", 0],
      ["postgres", 61],
    ],
  ] as [string, number][])("%s is %i", (name, number) => {
    expect(ingested({ "messaging.system": name }).l7Protocol).toBe(number);
  });

  test("an attribute that begins with http makes it HTTP where nothing names a protocol, a resource's too", () => {
    expect(ingested({ httpish: 1 }).l7Protocol).toBe(20);
    expect(ingested({}, { resource: { "http.x": "" } }).l7Protocol).toBe(20);
    expect(ingested({ "http.method": "GET", "db.system": "redis" }).l7Protocol).toBe(80);
    expect(ingestedPairs(["http.x", undefined]).l7Protocol).toBe(0);
  });

  test.each([
    ["1.1", 20],
    ["2", 21],
    ["2.0", 21],
    ["", 20],
  ])("http.flavor '%s' gives %i", (flavor, number) => {
    expect(ingested({ "http.flavor": flavor }).l7Protocol).toBe(number);
    expect(ingested({ "http.flavor": flavor, "rpc.system": "grpc" }).l7Protocol).toBe(41);
  });
});

describe("The response", () => {
  test.each([
    [200, 0, ""],
    [399, 0, ""],
    [400, 4, "Bad Request"],
    [404, 4, "Not Found"],
    [499, 4, ""],
    [500, 3, "Internal Server Error"],
    [503, 3, "Service Unavailable"],
    [600, 3, ""],
    [601, 0, ""],
  ])(
    "HTTP %i has the status %i and the exception '%s'",
    (responseCode, responseStatus, responseException) => {
      for (const code of [responseCode, String(responseCode)]) {
        expect(ingested({ "http.status_code": code }, { statusCode: "ERROR" })).toMatchObject({
          ...{ responseCode, responseStatus, responseException },
        });
      }
    },
  );

  test("without an HTTP code the span's status is the code, and its message the exception", () => {
    expect(ingested({}, { statusCode: "OK" })).toMatchObject({ responseCode: 1, responseStatus: 0 });
    expect(ingested({}, { statusCode: "ERROR", statusMessage: "late" })).toMatchObject({
      ...{ responseCode: 2, responseStatus: 3, responseException: "late" },
    });
    withoutCode(ingested({}));
  });

  test("an HTTP code that is no number is 0, and the span's status decides", () => {
    expect(ingested({ "http.status_code": "none" })).toMatchObject({ responseCode: 0, responseStatus: 5 });
    expect(ingested({ "http.status_code": "none" }, { statusCode: "OK" })).toMatchObject({ responseCode: 1 });
  });
});

describe("What is stored by name and value", () => {
  test("the span's attributes, then its resource's, as texts", () => {
    expect(
      ingested(
        { "http.method": "GET", items: 3, ratio: 0.5, warm: true },
        { resource: { "service.name": "shop" } },
      ).attributes,
    ).toEqual([
      ["http.method", "GET"],
      ["items", "3"],
      ["ratio", "0.5"],
      ["warm", "true"],
      ["service.name", "shop"],
    ]);
  });

  // Each as google.golang.org/protobuf 1.36.12 printed it.
  test.each<[string, AnyValue, string]>([
    ["an empty string", text(""), '""'],
    ["a text with quotes", text('a "b":c'), 'a "b":c'],
    ["no value of any type", {}, ""],
    ["a negative integer", { intValue: -5n }, "-5"],
    ["a whole double", { doubleValue: 3 }, "3"],
    ["six digits", { doubleValue: 123456 }, "123456"],
    ["a million", { doubleValue: 1e6 }, "1e+06"],
    ["seven digits", { doubleValue: 1234567 }, "1.234567e+06"],
    ["a ten-thousandth", { doubleValue: 0.0001 }, "0.0001"],
    ["less than that", { doubleValue: 0.00001 }, "1e-05"],
    ["not a number", { doubleValue: NaN }, "nan"],
    ["infinity", { doubleValue: -Infinity }, "-inf"],
    ["minus zero", { doubleValue: -0 }, "-0"],
    [
      "bytes",
      { bytesValue: Buffer.from([0, 1, 0xff, 0x61, 0x22, 0x9f, 0xc3, 0xa4]) },
      String.raw`"\x00\x01\xffa\"\x9fä"`,
    ],
    ["an empty list", { arrayValue: {} }, "{}"],
    [
      "a list of texts",
      { arrayValue: { values: [text("a"), text('b\n\t"\\\x01\x7f')] } },
      String.raw`{values:{string_value:"a"} values:{string_value:"b\n\t\"\\\x01\x7f"}}`,
    ],
    [
      "a list of lists",
      { arrayValue: { values: [text("äß\u0085中"), { arrayValue: { values: [text("x")] } }] } },
      String.raw`{values:{string_value:"äß\u0085中"} values:{array_value:{values:{string_value:"x"}}}}`,
    ],
    [
      "a map",
      { kvlistValue: { values: [{ key: "k", value: text("v") }, { key: "n" }] } },
      '{values:{key:"k" value:{string_value:"v"}} values:{key:"n"}}',
    ],
  ])("%s", (_, value, stored) => {
    expect(ingestedPairs(["key", value]).attributes).toEqual([["key", stored]]);
  });

  test("a key without a value is not stored", () => {
    expect(ingestedPairs(["key", undefined]).attributes).toEqual([]);
  });
});

describe("Addresses", () => {
  const host = { resource: { "app.host.ip": "10.244.1.5" } };

  test("app.host.ip is the client's for what calls, and the server's for the rest; the peer's is the other", () => {
    const peer = { "net.peer.ip": "10.244.2.6" };
    for (const kind of ["CLIENT", "PRODUCER"] as const) {
      expect(ingested(peer, { kind, ...host })).toMatchObject({
        tapSide: "c-app",
        ip0: "10.244.1.5",
        ip1: "10.244.2.6",
      });
    }
    for (const [kind, tapSide] of [
      ["SERVER", "s-app"],
      ["CONSUMER", "s-app"],
      ["INTERNAL", "app"],
    ] as const) {
      expect(ingested(peer, { kind, ...host })).toMatchObject({
        tapSide,
        ip0: "10.244.2.6",
        ip1: "10.244.1.5",
      });
    }
  });

  test("network.peer.address goes before net.peer.ip, which then is not stored if it comes later", () => {
    const [network, net] = [text("10.0.0.1"), text("10.0.0.2")];
    expect(ingestedPairs(["network.peer.address", network], ["net.peer.ip", net])).toMatchObject({
      ip0: "10.0.0.1",
      attributes: [["network.peer.address", "10.0.0.1"]],
    });
    expect(ingestedPairs(["net.peer.ip", net], ["network.peer.address", network])).toMatchObject({
      ip0: "10.0.0.1",
      attributes: [
        ["net.peer.ip", "10.0.0.2"],
        ["network.peer.address", "10.0.0.1"],
      ],
    });
  });

  test.each<[string, AnyValue]>([
    ["empty", text("")],
    ["a name", text("shop")],
    ["an address with a zone", text("fe80::1%eth0")],
    ["no text", { intValue: 7n }],
  ])("an app.host.ip or peer that is %s is dropped from the attributes, too", (_, value) => {
    const log = ingest(
      span(),
      ["net.peer.ip", "network.peer.address"].map((key) => ({ key, value })),
      [{ key: "app.host.ip", value }],
    );
    expect(log.attributes).toEqual([]);
    expect(log).not.toHaveProperty("ip0");
    expect(log).not.toHaveProperty("ip1");
  });

  test("an app.host.ip that is no address switches off the fallback for itself and the resources after it", () => {
    const hostIp = { key: "app.host.ip", value: text("shop") };
    const traces = {
      resourceSpans: [[], [hostIp], []].map((attributes) => ({
        resource: { attributes },
        scopeSpans: [{ spans: [{ kind: 2 }] }],
      })),
    };
    fillHostAddress(traces, "10.0.0.9");
    expect(ingestTraces(traces).map(({ ip1 }) => ip1)).toEqual(["10.0.0.9", undefined, undefined]);
  });

  test("IPv6 is a row of its own family, and IPv4 in IPv6 is IPv4", () => {
    expect(ingested({ "net.peer.ip": "fd00::1" })).toMatchObject({ ip0: "fd00::1" });
    expect(ingested({ "net.peer.ip": "fd00::1" }, host)).not.toHaveProperty("ip1");
    expect(ingested({ "net.peer.ip": "::ffff:10.0.0.1" }, host)).toMatchObject({
      ip0: "10.0.0.1",
      ip1: "10.244.1.5",
    });
  });

  test("a pod's address gives the pod and its node, the node's address a node but no pod", () => {
    const pods = [
      { address: "10.244.1.5", name: "shop-1", node: "node-1" },
      { address: "10.0.0.1", name: "host-network", node: "node-1" },
    ];
    const nodes = [{ address: "10.0.0.1", name: "node-1" }];
    expect(resourceTagsOf("10.244.1.5", pods, nodes)).toEqual({ pod: "shop-1", node: "node-1" });
    expect(resourceTagsOf("10.0.0.1", pods, nodes)).toEqual({ node: "node-1" });
    expect(resourceTagsOf("192.0.2.1", pods, nodes)).toEqual({});
    expect(resourceTagsOf(undefined, pods, nodes)).toEqual({});
  });
});

test("the spans of an export are ingested one by one, each with its own resource", () => {
  const shop = [{ key: "service.name", value: text("shop") }];
  const logs = ingestTraces({
    resourceSpans: [
      {
        resource: { attributes: shop },
        scopeSpans: [{ spans: [{ name: "a" }] }, { spans: [{ name: "b" }] }],
      },
      {
        scopeSpans: [
          {
            spans: [
              {
                name: "c",
                attributes: [
                  { key: "2", value: text("x") },
                  { key: "1", value: text("y") },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
  expect(logs.map(({ endpoint, appService }) => [endpoint, appService])).toEqual([
    ["a", "shop"],
    ["b", "shop"],
    ["c", ""],
  ]);
  expect(logs[2]?.attributes).toEqual([
    ["2", "x"],
    ["1", "y"],
  ]);
});

test("a span that went through JSON is ingested as it was sent", () => {
  const traces = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: text("shop") }] },
        scopeSpans: [
          {
            spans: [
              {
                kind: 3,
                status: { code: 2, message: "late" },
                attributes: [
                  { key: "http.request_content_length", value: { intValue: 7n } },
                  { key: "list", value: { arrayValue: { values: [text("a"), { doubleValue: 0.5 }, {}] } } },
                  {
                    key: "map",
                    value: { kvlistValue: { values: [{ key: "k", value: { boolValue: true } }] } },
                  },
                  { key: "empty", value: text("") },
                ],
              },
            ],
          },
        ],
      },
    ],
  };
  const received = JSON.parse(JSON.stringify(spansOf(traces))) as Span[];
  expect(received.map((one) => ingest(one))).toEqual(ingestTraces(traces));
});
