import { randomBytes, randomInt } from "node:crypto";
import { exportBytes, type Attribute, type OddSpan } from "../test/e2e/otlp-bytes.ts";

/** Spans in a request, as an SDK under load sends them. */
export const spansPerRequest = 100;

const text = (key: string, value: string): Attribute => [key, { text: value }];
const int = (key: string, value: number): Attribute => [key, { int: BigInt(value) }];

/**
 * Twelve attributes each, of today's conventions. No two spans are the same, or compression would have an
 * easy time.
 */
const httpServer = (query: Attribute) => [
  text("http.request.method", "GET"),
  int("http.response.status_code", 200),
  text("url.path", `/shop/items/${randomInt(1e5)}`),
  query,
  text("url.scheme", "http"),
  text("server.address", "shop.example.com"),
  int("server.port", 8080),
  text("network.protocol.version", "1.1"),
  text("network.peer.address", `10.244.3.${randomInt(256)}`),
  int("network.peer.port", randomInt(65536)),
  text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
  text("http.route", "/shop/items/{id}"),
];
const httpClient = () => [
  text("http.request.method", "POST"),
  int("http.response.status_code", 201),
  text("url.full", `http://orders.shop.svc.cluster.local:8080/orders/${randomInt(1e5)}?dry_run=false`),
  text("server.address", "orders.shop.svc.cluster.local"),
  int("server.port", 8080),
  text("network.protocol.version", "1.1"),
  text("network.peer.address", `10.244.5.${randomInt(256)}`),
  int("network.peer.port", 8080),
  text("thread.name", `http-nio-8080-exec-${randomInt(200)}`),
  int("thread.id", randomInt(200)),
  text("code.function.name", "com.example.shop.OrderClient.create"),
  text("peer.service", "orders"),
];
const database = () => [
  text("db.system.name", "mysql"),
  text("db.query.text", "SELECT id, name, price FROM items WHERE shop = ? AND deleted = ?"),
  text("db.operation.name", "SELECT"),
  text("db.collection.name", "items"),
  text("db.namespace", "shop"),
  text("db.query.summary", "SELECT items"),
  text("server.address", "mysql.shop.svc.cluster.local"),
  int("server.port", 3306),
  text("network.peer.address", `10.244.9.${randomInt(256)}`),
  int("network.peer.port", 3306),
  text("thread.name", `http-nio-8080-exec-${randomInt(200)}`),
  int("thread.id", randomInt(200)),
];

const withQuery = () => httpServer(text("url.query", `page=${randomInt(100)}&sort=price`));
const withoutQuery = () => httpServer(text("client.address", `10.244.3.${randomInt(256)}`));

/** 60 % HTTP server, one of three with a query, 20 % HTTP client, 20 % database. */
const mix = [
  { name: "GET /shop/items/{id}", kind: 2, of: withQuery },
  { name: "GET /shop/items/{id}", kind: 2, of: withoutQuery },
  { name: "POST", kind: 3, of: httpClient },
  { name: "GET /shop/items/{id}", kind: 2, of: withoutQuery },
  { name: "SELECT items", kind: 3, of: database },
];

/** Names of attributes: of today's conventions, or those from before 2024, which DeepFlow reads. */
export type Names = "today" | "older";

const olderNames: Readonly<Record<string, string>> = {
  "http.request.method": "http.method",
  "http.response.status_code": "http.status_code",
  "url.path": "http.target",
  "url.full": "http.url",
  "url.scheme": "http.scheme",
  "server.address": "net.host.name",
  "server.port": "net.host.port",
  "network.protocol.version": "http.flavor",
  "network.peer.address": "net.sock.peer.addr",
  "user_agent.original": "http.user_agent",
  "db.system.name": "db.system",
  "db.query.text": "db.statement",
  "db.operation.name": "db.operation",
};

/** An export request of an SDK of that language. */
export function body(language: string, names: Names = "today", spanCount = spansPerRequest): Uint8Array {
  const resource = [
    text("service.name", "shop"),
    text("service.instance.id", "2f1c8f0e-6d0b-4b63-9b9f-0a7a4d1c2b3e"),
    text("telemetry.sdk.name", "opentelemetry"),
    text("telemetry.sdk.language", language),
    text("telemetry.sdk.version", "1.50.0"),
    text("host.name", "shop-7c9f6d5b8-x2x4z"),
  ];
  const spans = Array.from({ length: spanCount }, (_, index): OddSpan => {
    const { name = "", kind = 0, of } = mix[index % mix.length] ?? {};
    const start = 1_700_000_000_000_000_000n + BigInt(randomInt(1e9));
    return {
      traceId: randomBytes(16),
      spanId: randomBytes(8),
      parentSpanId: randomBytes(8),
      start,
      end: start + BigInt(randomInt(1e7)),
      name,
      kind,
      attributes: (of?.() ?? []).map(([key, value]): Attribute => [
        names === "older" && typeof key === "string" ? (olderNames[key] ?? key) : key,
        value,
      ]),
    };
  });
  const scope = { name: "io.opentelemetry.tomcat-10.0", version: "2.20.0", attributes: [] };
  return exportBytes([{ resource, scopes: [{ scope, spans }] }]);
}
