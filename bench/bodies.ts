import { exportBytes, type Attribute, type OddSpan } from "../test/e2e/otlp-bytes.ts";

/** Spans in a request, as an SDK under load sends them. */
export const spansPerRequest = 100;

const text = (key: string, value: string): Attribute => [key, { text: value }];
const int = (key: string, value: number): Attribute => [key, { int: BigInt(value) }];

/** Twelve attributes each, of today's conventions. */
const httpServer = [
  text("http.request.method", "GET"),
  int("http.response.status_code", 200),
  text("url.path", "/shop/items/12345"),
  text("url.query", "page=1&sort=price"),
  text("url.scheme", "http"),
  text("server.address", "shop.example.com"),
  int("server.port", 8080),
  text("network.protocol.version", "1.1"),
  text("network.peer.address", "10.244.3.17"),
  int("network.peer.port", 45678),
  text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
  text("http.route", "/shop/items/{id}"),
];
const httpClient = [
  text("http.request.method", "POST"),
  int("http.response.status_code", 201),
  text("url.full", "http://orders.shop.svc.cluster.local:8080/orders?dry_run=false"),
  text("server.address", "orders.shop.svc.cluster.local"),
  int("server.port", 8080),
  text("network.protocol.version", "1.1"),
  text("network.peer.address", "10.244.5.21"),
  int("network.peer.port", 8080),
  text("thread.name", "http-nio-8080-exec-7"),
  int("thread.id", 47),
  text("code.function.name", "com.example.shop.OrderClient.create"),
  text("peer.service", "orders"),
];
const database = [
  text("db.system.name", "mysql"),
  text("db.query.text", "SELECT id, name, price FROM items WHERE shop = ? AND deleted = ?"),
  text("db.operation.name", "SELECT"),
  text("db.collection.name", "items"),
  text("db.namespace", "shop"),
  text("db.query.summary", "SELECT items"),
  text("server.address", "mysql.shop.svc.cluster.local"),
  int("server.port", 3306),
  text("network.peer.address", "10.244.9.3"),
  int("network.peer.port", 3306),
  text("thread.name", "http-nio-8080-exec-7"),
  int("thread.id", 47),
];

/** 60 % HTTP server, 20 % HTTP client, 20 % database. */
const mix = [
  { name: "GET /shop/items/{id}", kind: 2, attributes: httpServer },
  { name: "GET /shop/items/{id}", kind: 2, attributes: httpServer },
  { name: "POST", kind: 3, attributes: httpClient },
  { name: "GET /shop/items/{id}", kind: 2, attributes: httpServer },
  { name: "SELECT items", kind: 3, attributes: database },
];

/** An export request of an SDK of that language. */
export function body(language: string): Uint8Array {
  const resource = [
    text("service.name", "shop"),
    text("service.instance.id", "2f1c8f0e-6d0b-4b63-9b9f-0a7a4d1c2b3e"),
    text("telemetry.sdk.name", "opentelemetry"),
    text("telemetry.sdk.language", language),
    text("telemetry.sdk.version", "1.50.0"),
    text("host.name", "shop-7c9f6d5b8-x2x4z"),
  ];
  const spans = Array.from({ length: spansPerRequest }, (_, index): OddSpan => {
    const traceId = Buffer.alloc(16, 1);
    const spanId = Buffer.alloc(8, 2);
    spanId.writeUInt32BE(index);
    const start = 1_700_000_000_000_000_000n;
    const one = mix[index % mix.length] ?? {};
    return { traceId, spanId, parentSpanId: Buffer.alloc(8, 3), start, end: start + 1_234_567n, ...one };
  });
  const scope = { name: "io.opentelemetry.tomcat-10.0", version: "2.20.0", attributes: [] };
  return exportBytes([{ resource, scopes: [{ scope, spans }] }]);
}
