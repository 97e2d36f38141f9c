import { sdks } from "../demo/sdk.ts";
import type { Call, Table } from "../demo/table.ts";
import type { Image } from "../image.ts";
import type { Sdk } from "../sdk/sdk.ts";
import type { ImageSetName, OtelWebStoreSettings } from "./settings.ts";

/** The variable by which every caller learns the address of a service. */
const callsTo = {
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

function calling(...names: (keyof typeof callsTo)[]): Record<string, Call> {
  return Object.fromEntries(names.map((name) => [name, callsTo[name]]));
}

/** Puts trace ids into the log lines of Python's auto-instrumentation. */
const logCorrelation = { OTEL_PYTHON_LOG_CORRELATION: "true" };

/**
 * The OTel WebStore (https://github.com/open-telemetry/opentelemetry-demo), as DeepFlow's documents have it.
 * Where the image sets differ, a row has the values of both side by side.
 */
export function otelWebStoreTable({ imageSet, imageTag, loadGenerator }: OtelWebStoreSettings): Table {
  const byImageSet = <T>(values: Readonly<Record<ImageSetName, T>>): T => values[imageSet];
  const image = (service: string, tag = `v0.1.0-alpha-${service}`): Image =>
    byImageSet<Image>({
      // Releases (`docker-compose.yml`, `.env`, `.github/workflows/release.yml`) are built for amd64 only.
      "v0.1.0-alpha": { registry: "ghcr.io", repository: "open-telemetry/demo", tag, architecture: "amd64" },
      // Of the documents' manifest (deepflowio/deepflow-demo, DeepFlow-Otel-Grpc-Demo/
      // deepflow-otel-grpc-demo.yaml), built from opentelemetry-demo in June 2022, before v0.1.0-alpha, whose
      // Dockerfiles fetched programs for amd64.
      documents: {
        registry: "registry.cn-beijing.aliyuncs.com",
        repository: `deepflow-demo/opentelemetry-demo-webstore_${service}`,
        tag: imageTag,
        architecture: "amd64",
      },
    });
  return {
    name: "otel-webstore",
    title: "OTel WebStore",
    frontEnd: "frontend",
    dashboardVariables: { request_resource: "*Order*" },
    services: {
      frontend: {
        language: "go",
        sdk: sdks.go,
        image: image("frontend"),
        ports: [{ number: 8080, protocol: "http" }],
        portVariable: "PORT",
        calls: calling(
          "adservice",
          "cartservice",
          "checkoutservice",
          "currencyservice",
          "productcatalogservice",
          "recommendationservice",
          "shippingservice",
        ),
        environment: byImageSet({
          // It listens at this address; the documents' `frontend:8080` would be the Service's.
          "v0.1.0-alpha": { FRONTEND_ADDR: ":$(PORT)" },
          documents: {},
        }),
        memoryMib: 128,
      },
      adservice: {
        language: "java",
        sdk: sdks.javaAgent1,
        image: image("adservice"),
        ports: [{ number: 9555, protocol: "grpc" }],
        portVariable: byImageSet({ "v0.1.0-alpha": "AD_SERVICE_PORT", documents: "PORT" }),
        memoryMib: 512,
        cpu: "100m",
      },
      cartservice: {
        language: "dotnet",
        sdk: sdks.dotnet,
        // The next release's, which differs in nothing else: that of v0.1.0-alpha implements no RPC.
        // Upstream deleted CartService.cs a minute before the tag (opentelemetry-demo #105) and brought it
        // back after it (#145).
        image: image("cartservice", "v0.2.0-alpha-cartservice"),
        ports: [{ number: 7070, protocol: "grpc" }],
        // The documents' build has its port built in.
        portVariable: byImageSet({ "v0.1.0-alpha": "CART_SERVICE_PORT", documents: undefined }),
        calls: calling("redis-cart"),
        environment: byImageSet({
          "v0.1.0-alpha": { ASPNETCORE_URLS: "http://*:$(CART_SERVICE_PORT)" },
          documents: {},
        }),
        memoryMib: 256,
      },
      checkoutservice: {
        language: "go",
        sdk: sdks.go,
        image: image("checkoutservice"),
        ports: [{ number: 5050, protocol: "grpc" }],
        portVariable: byImageSet({ "v0.1.0-alpha": "CHECKOUT_SERVICE_PORT", documents: "PORT" }),
        calls: {
          ...calling("cartservice", "currencyservice"),
          emailservice: {
            ...callsTo.emailservice,
            as: byImageSet({ "v0.1.0-alpha": "url", documents: "host:port" }),
          },
          ...calling("paymentservice", "productcatalogservice", "shippingservice"),
        },
        memoryMib: 128,
      },
      currencyservice: {
        language: "nodejs",
        sdk: sdks.nodejs,
        image: image("currencyservice"),
        ports: [{ number: 7000, protocol: "grpc" }],
        portVariable: "PORT",
        memoryMib: 256,
      },
      // Rewritten between the two image sets.
      emailservice: {
        language: byImageSet({ "v0.1.0-alpha": "ruby", documents: "python" }),
        sdk: byImageSet<Sdk>({ "v0.1.0-alpha": sdks.ruby, documents: sdks.python }),
        image: image("emailservice"),
        ports: [{ number: 8080, protocol: byImageSet({ "v0.1.0-alpha": "http", documents: "grpc" }) }],
        portVariable: "PORT",
        environment: byImageSet<Record<string, string>>({
          // Sinatra listens on localhost unless it is told that this is production.
          "v0.1.0-alpha": { APP_ENV: "production" },
          documents: logCorrelation,
        }),
        memoryMib: 256,
      },
      paymentservice: {
        language: "nodejs",
        sdk: sdks.nodejs,
        image: image("paymentservice"),
        ports: [{ number: 50051, protocol: "grpc" }],
        portVariable: byImageSet({ "v0.1.0-alpha": "PAYMENT_SERVICE_PORT", documents: "PORT" }),
        memoryMib: 256,
      },
      productcatalogservice: {
        language: "go",
        sdk: sdks.go,
        image: image("productcatalogservice"),
        ports: [{ number: 3550, protocol: "grpc" }],
        portVariable: "PRODUCT_CATALOG_SERVICE_PORT",
        memoryMib: 128,
      },
      recommendationservice: {
        language: "python",
        sdk: sdks.python,
        image: image("recommendationservice"),
        ports: [{ number: 8080, protocol: "grpc" }],
        portVariable: byImageSet({ "v0.1.0-alpha": "RECOMMENDATION_SERVICE_PORT", documents: "PORT" }),
        calls: calling("productcatalogservice"),
        environment: logCorrelation,
        memoryMib: 256,
      },
      shippingservice: {
        language: "go",
        sdk: sdks.go,
        image: image("shippingservice"),
        ports: [{ number: 50051, protocol: "grpc" }],
        portVariable: "PORT",
        memoryMib: 128,
      },
      loadgenerator: {
        language: "python",
        sdk: sdks.python,
        image: image("loadgenerator"),
        calls: calling("frontend"),
        environment: {
          USERS: String(loadGenerator.users),
          // Avoids a crash in protobuf's native code (opentelemetry-demo, 2022-06-27).
          PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: "python",
        },
        memoryMib: 512,
        replicas: loadGenerator.replicas,
      },
      // The carts. Without a password: cartservice logs the whole connection string (opentelemetry-demo
      // v0.1.0-alpha, RedisCartStore.cs). Its network policy admits nobody else.
      "redis-cart": {
        language: "redis",
        image: { registry: "docker.io", repository: "library/redis", tag: "7.4.2-alpine" },
        ports: [{ number: 6379, protocol: "redis" }],
        // redis-cli ends with 0 even when the server says that it is still loading.
        probes: { readiness: { exec: ["sh", "-c", '[ "$(redis-cli ping)" = PONG ]'] } },
        args: ["--appendonly", "yes", "--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru"],
        memoryMib: 256,
        data: { path: "/data" },
        user: { uid: 999, gid: 1000 },
      },
    },
  };
}
