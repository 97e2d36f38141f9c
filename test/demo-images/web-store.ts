import type { Ask, DemoImage, DemoImages } from "./demo-image.ts";

/** What the services of the WebStore ask of each other, whatever their build (`pb/demo.proto`). */
const asked = {
  ad: { of: "hipstershop.AdService", variable: "AD_SERVICE_ADDR" },
  cart: { of: "hipstershop.CartService", variable: "CART_SERVICE_ADDR" },
  checkout: { of: "hipstershop.CheckoutService", variable: "CHECKOUT_SERVICE_ADDR" },
  currency: { of: "hipstershop.CurrencyService", variable: "CURRENCY_SERVICE_ADDR" },
  payment: { of: "hipstershop.PaymentService", variable: "PAYMENT_SERVICE_ADDR" },
  productCatalog: { of: "hipstershop.ProductCatalogService", variable: "PRODUCT_CATALOG_SERVICE_ADDR" },
  recommendation: { of: "hipstershop.RecommendationService", variable: "RECOMMENDATION_SERVICE_ADDR" },
  shipping: { of: "hipstershop.ShippingService", variable: "SHIPPING_SERVICE_ADDR" },
  redis: { of: "redis", variable: "REDIS_ADDR" },
  shop: { of: "GET /product/{id}", variable: "FRONTEND_ADDR" },
} as const satisfies Record<string, Ask>;

const askedByFrontend = [
  asked.ad,
  asked.cart,
  asked.checkout,
  asked.currency,
  asked.productCatalog,
  asked.recommendation,
  asked.shipping,
];
const askedByCheckout = [asked.cart, asked.currency, asked.payment, asked.productCatalog, asked.shipping];

/**
 * A gRPC service whose interceptors trace every call, those of its health endpoint too. That says SERVING
 * whatever happens, but for the documents' cart, which pings Redis.
 */
function grpc(
  implemented: Ask,
  port: { variable?: string; port?: number },
): Pick<DemoImage, "listens" | "implements" | "traces" | "architecture"> {
  return {
    listens: { protocol: "grpc", ...port },
    implements: [implemented.of],
    traces: ["grpc"],
    architecture: "amd64",
  };
}

const frontend = {
  language: "go",
  implements: [asked.shop.of],
  asks: askedByFrontend,
  optional: ["CYMBAL_BRANDING", "ENV_PLATFORM", "BANNER_COLOR"],
  // otelmux is the router's middleware: it traces /_healthz too.
  traces: ["http"],
  architecture: "amd64",
} as const satisfies Partial<DemoImage>;

const loadGenerator = {
  language: "python",
  implements: [],
  asks: [asked.shop],
  mandatory: ["USERS"],
  optional: ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"],
  architecture: "amd64",
} as const satisfies Partial<DemoImage>;

const python = { language: "python", optional: ["OTEL_PYTHON_LOG_CORRELATION"] } as const;

/**
 * Files of opentelemetry-demo; `.github/workflows/release.yml` builds all of them on `ubuntu-latest`, without
 * other platforms.
 */
const source = (commit: string, ...files: string[]) =>
  `open-telemetry/opentelemetry-demo ${commit}: ${files.map((file) => `src/${file}`).join(", ")}`;

const release = "ghcr.io/open-telemetry/demo:v0.1.0-alpha-";
const v1 = "v0.1.0-alpha";

/** The release v0.1.0-alpha, and of v0.2.0-alpha what takes the place of an image that does not work. */
export const releasedImages: DemoImages = {
  [`${release}frontend`]: {
    ...frontend,
    source: source(v1, "frontend/main.go:111-147", "frontend/Dockerfile"),
    // It listens at this address, of which the host may be left out.
    listens: { protocol: "http", variable: "FRONTEND_ADDR" },
  },
  [`${release}adservice`]: {
    source: source(v1, "adservice/src/main/java/hipstershop/AdService.java:52", "adservice/build.gradle"),
    language: "java",
    ...grpc(asked.ad, { variable: "AD_SERVICE_PORT", port: 9555 }),
  },
  [`${release}cartservice`]: {
    source: `${source(v1, "cartservice/src/Startup.cs:28-70", "cartservice/src/Dockerfile")}; upstream #105 deleted services/CartService.cs, and Startup.cs maps a message class instead, which grpc-dotnet only logs; #145 brought it back after the tag`,
    language: "dotnet",
    ...grpc(asked.cart, { variable: "ASPNETCORE_URLS" }),
    implements: [],
    asks: [asked.redis],
  },
  "ghcr.io/open-telemetry/demo:v0.2.0-alpha-cartservice": {
    source: source(
      "v0.2.0-alpha",
      "cartservice/src/services/CartService.cs",
      "cartservice/src/Startup.cs",
      "cartservice/src/Dockerfile",
    ),
    language: "dotnet",
    ...grpc(asked.cart, { variable: "ASPNETCORE_URLS" }),
    asks: [asked.redis],
  },
  [`${release}checkoutservice`]: {
    source: source(v1, "checkoutservice/main.go:93-118"),
    language: "go",
    ...grpc(asked.checkout, { variable: "CHECKOUT_SERVICE_PORT" }),
    asks: [
      ...askedByCheckout,
      { of: "POST /send_order_confirmation", variable: "EMAIL_SERVICE_ADDR", as: "url" },
    ],
  },
  [`${release}currencyservice`]: {
    source: source(v1, "currencyservice/server.js:25,135", "currencyservice/tracing.js"),
    language: "nodejs",
    ...grpc(asked.currency, { variable: "PORT" }),
  },
  [`${release}emailservice`]: {
    source: source(v1, "emailservice/email_server.rb", "emailservice/Gemfile"),
    language: "ruby",
    listens: { protocol: "http", variable: "PORT", port: 4567 },
    implements: ["POST /send_order_confirmation"],
    // Sinatra listens on localhost in any other environment than production.
    mandatory: ["APP_ENV"],
    traces: ["http"],
    architecture: "amd64",
  },
  [`${release}paymentservice`]: {
    source: source(v1, "paymentservice/index.js:22", "paymentservice/tracing.js"),
    language: "nodejs",
    ...grpc(asked.payment, { variable: "PAYMENT_SERVICE_PORT" }),
  },
  [`${release}productcatalogservice`]: {
    source: source(v1, "productcatalogservice/server.go:104-152"),
    language: "go",
    ...grpc(asked.productCatalog, { variable: "PRODUCT_CATALOG_SERVICE_PORT" }),
    optional: ["EXTRA_LATENCY"],
  },
  [`${release}recommendationservice`]: {
    source: source(
      v1,
      "recommendationservice/recommendation_server.py:69-91",
      "recommendationservice/Dockerfile",
    ),
    ...python,
    ...grpc(asked.recommendation, { variable: "RECOMMENDATION_SERVICE_PORT" }),
    asks: [asked.productCatalog],
  },
  [`${release}shippingservice`]: {
    source: source(v1, "shippingservice/main.go:81-101", "shippingservice/Dockerfile"),
    language: "go",
    ...grpc(asked.shipping, { variable: "PORT", port: 50051 }),
  },
  [`${release}loadgenerator`]: {
    ...loadGenerator,
    source: source(v1, "loadgenerator/locustfile.py", "loadgenerator/Dockerfile"),
  },
  "docker.io/library/redis:7.4.2-alpine": {
    source:
      "docker-library/redis 7.4/alpine: Dockerfile, docker-entrypoint.sh; official images are built for several architectures",
    language: "redis",
    listens: { protocol: "redis", port: 6379 },
    implements: ["redis"],
    user: { uid: 999, gid: 1000 },
  },
};

const documents = (service: string) =>
  `registry.cn-beijing.aliyuncs.com/deepflow-demo/opentelemetry-demo-webstore_${service}:latest`;
const june = "c8f1829";

/**
 * The images of the documents' manifest: `docker compose` builds of opentelemetry-demo between c8f1829 and
 * bc0cd67 (2022-06-05 and -06), by the variables that the manifest sets (deepflowio/deepflow-demo bd576ee,
 * deepflow-otel-grpc-demo.yaml).
 */
export const documentsImages: DemoImages = {
  [documents("frontend")]: {
    ...frontend,
    source: source(june, "frontend/main.go:110-121", "frontend/Dockerfile"),
    listens: { protocol: "http", variable: "PORT", port: 8080 },
  },
  [documents("adservice")]: {
    source: source(june, "adservice/src/main/java/hipstershop/AdService.java:52"),
    language: "java",
    ...grpc(asked.ad, { variable: "PORT", port: 9555 }),
  },
  [documents("cartservice")]: {
    source: source(june, "cartservice/src/Startup.cs:27-69", "cartservice/src/Dockerfile"),
    language: "dotnet",
    ...grpc(asked.cart, { variable: "ASPNETCORE_URLS", port: 7070 }),
    asks: [asked.redis],
  },
  [documents("checkoutservice")]: {
    source: source(june, "checkoutservice/main.go:90-117"),
    language: "go",
    ...grpc(asked.checkout, { variable: "PORT", port: 5050 }),
    asks: [...askedByCheckout, { of: "hipstershop.EmailService", variable: "EMAIL_SERVICE_ADDR" }],
  },
  [documents("currencyservice")]: {
    source: source(june, "currencyservice/server.js:25,135"),
    language: "nodejs",
    ...grpc(asked.currency, { variable: "PORT" }),
  },
  [documents("emailservice")]: {
    source: source(june, "emailservice/email_server.py:112-128", "emailservice/Dockerfile"),
    ...python,
    ...grpc({ of: "hipstershop.EmailService" }, { variable: "PORT", port: 8080 }),
  },
  [documents("paymentservice")]: {
    source: source(june, "paymentservice/index.js:22"),
    language: "nodejs",
    ...grpc(asked.payment, { variable: "PORT" }),
  },
  [documents("productcatalogservice")]: {
    source: source(june, "productcatalogservice/server.go:104-152"),
    language: "go",
    ...grpc(asked.productCatalog, { variable: "PRODUCT_CATALOG_SERVICE_PORT" }),
    optional: ["EXTRA_LATENCY"],
  },
  [documents("recommendationservice")]: {
    source: source(
      june,
      "recommendationservice/recommendation_server.py:73-87",
      "recommendationservice/Dockerfile",
    ),
    ...python,
    ...grpc(asked.recommendation, { variable: "PORT", port: 8080 }),
    asks: [asked.productCatalog],
  },
  [documents("shippingservice")]: {
    source: source(june, "shippingservice/main.go:81-101"),
    language: "go",
    ...grpc(asked.shipping, { variable: "PORT", port: 50051 }),
  },
  [documents("loadgenerator")]: {
    ...loadGenerator,
    source: source(june, "loadgenerator/locustfile.py", "loadgenerator/Dockerfile"),
  },
};
