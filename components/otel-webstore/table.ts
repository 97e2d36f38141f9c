import { sdks } from "../microservice/sdk.ts";
import { withOverrides } from "../microservice/settings.ts";
import type { Call, Demo, Service } from "../microservice/table.ts";
import { imageSet, logCorrelation } from "./image-sets.ts";
import type { OtelWebStoreSettings } from "./settings.ts";

/** The variable by which every caller learns the address of a service. */
const calls = {
  adservice: { variable: "AD_SERVICE_ADDR" },
  cartservice: { variable: "CART_SERVICE_ADDR" },
  checkoutservice: { variable: "CHECKOUT_SERVICE_ADDR" },
  currencyservice: { variable: "CURRENCY_SERVICE_ADDR" },
  emailservice: { variable: "EMAIL_SERVICE_ADDR" },
  frontend: { variable: "FRONTEND_ADDR" },
  paymentservice: { variable: "PAYMENT_SERVICE_ADDR" },
  productcatalogservice: { variable: "PRODUCT_CATALOG_SERVICE_ADDR" },
  recommendationservice: { variable: "RECOMMENDATION_SERVICE_ADDR" },
  "redis-cart": { variable: "REDIS_ADDR" },
  shippingservice: { variable: "SHIPPING_SERVICE_ADDR" },
} as const satisfies Record<string, Call>;

function calling(...names: (keyof typeof calls)[]): Record<string, Call> {
  return Object.fromEntries(names.map((name) => [name, calls[name]]));
}

/** A gRPC service that answers the gRPC health protocol, as all of them do (opentelemetry-demo, `src/`). */
function grpc(number: number) {
  return { ports: [{ number, protocol: "grpc" }], checks: { ready: { grpc: true } } } as const;
}

/**
 * The carts. Without a password: cartservice prints the whole connection string, and with it a password, to its log
 * (opentelemetry-demo v0.1.0-alpha, RedisCartStore.cs). Its network policy admits nobody else.
 */
const redis: Service = {
  language: "redis",
  image: { registry: "docker.io", repository: "library/redis", tag: "7.4.2-alpine" },
  ports: [{ number: 6379, protocol: "redis" }],
  // redis-cli ends with 0 even when the server says that it is still loading.
  checks: { ready: { exec: ["sh", "-c", '[ "$(redis-cli ping)" = PONG ]'] } },
  args: ["--appendonly", "yes", "--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru"],
  memory: 256,
  data: { path: "/data" },
  user: { uid: 999, gid: 1000 },
};

/** The OTel WebStore (https://github.com/open-telemetry/opentelemetry-demo), as DeepFlow's documents deploy it. */
export function otelWebStore(settings: OtelWebStoreSettings): Demo {
  const { loadGenerator, namespace, frontEndType, persistence } = settings;
  const set = imageSet(settings);
  const built: Record<string, Omit<Service, "image">> = {
    frontend: {
      language: "go",
      sdk: sdks.go,
      ports: [{ number: 8080, protocol: "http" }],
      checks: { ready: { http: "/_healthz" } },
      calls: calling(
        "adservice",
        "cartservice",
        "checkoutservice",
        "currencyservice",
        "productcatalogservice",
        "recommendationservice",
        "shippingservice",
      ),
      memory: 128,
    },
    adservice: { language: "java", sdk: sdks.javaAgent1, ...grpc(9555), memory: 512, cpu: "100m" },
    cartservice: {
      language: "dotnet",
      sdk: sdks.dotnet,
      ...grpc(7070),
      calls: calling("redis-cart"),
      memory: 256,
    },
    checkoutservice: {
      language: "go",
      sdk: sdks.go,
      ...grpc(5050),
      calls: calling(
        "cartservice",
        "currencyservice",
        "emailservice",
        "paymentservice",
        "productcatalogservice",
        "shippingservice",
      ),
      memory: 128,
    },
    currencyservice: { language: "nodejs", sdk: sdks.nodejs, ...grpc(7000), memory: 256 },
    // Rewritten between the two image sets: its language, SDK and protocol are theirs.
    emailservice: { language: "python", memory: 256 },
    paymentservice: { language: "nodejs", sdk: sdks.nodejs, ...grpc(50051), memory: 256 },
    productcatalogservice: { language: "go", sdk: sdks.go, ...grpc(3550), memory: 128 },
    recommendationservice: {
      language: "python",
      sdk: sdks.python,
      ...grpc(8080),
      calls: calling("productcatalogservice"),
      environment: logCorrelation,
      memory: 256,
    },
    shippingservice: { language: "go", sdk: sdks.go, ...grpc(50051), memory: 128 },
    loadgenerator: {
      language: "python",
      sdk: sdks.python,
      calls: calling("frontend"),
      environment: {
        USERS: String(loadGenerator.users),
        // Avoids a crash in protobuf's native code (opentelemetry-demo, 2022-06-27).
        PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: "python",
      },
      memory: 512,
      replicas: loadGenerator.replicas,
    },
  };
  const services = Object.fromEntries(
    Object.entries(built).map(([name, row]) => {
      const own = set.rows[name] ?? {};
      const calls = { ...row.calls, ...own.calls };
      const environment = { ...row.environment, ...own.environment };
      return [name, { ...row, ...own, image: set.image(name), calls, environment }];
    }),
  );
  return {
    name: "otel-webstore",
    title: "OTel WebStore",
    namespace,
    services: withOverrides({ ...services, "redis-cart": redis }, settings.services),
    frontEnd: "frontend",
    frontEndType,
    persistence,
    dashboardVariables: { request_resource: "*Order*" },
  };
}
