import { sdks } from "../demo/sdk.ts";
import type { Call, Service } from "../demo/table.ts";
import { documentsImage, releasedImage } from "./images.ts";
import type { ImageSetName, OtelWebStoreSettings } from "./settings.ts";

/**
 * A service of the WebStore: what is the same in all image sets, and its build in each, which says the rest.
 */
export type WebStoreRow = Omit<Service, "image"> & {
  readonly builds: Readonly<Record<ImageSetName, Build>>;
};

/**
 * An image, and what is its own: how it is told its port and addresses, and what it is where it was
 * rewritten.
 */
type Build = Partial<Service> & Pick<Service, "image">;

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

/** Puts trace ids into the log lines of Python's auto-instrumentation. */
const logCorrelation = { OTEL_PYTHON_LOG_CORRELATION: "true" };

/** The services of opentelemetry-demo. */
export function webStoreRows({
  imageTag,
  loadGenerator,
}: OtelWebStoreSettings): Readonly<Record<string, WebStoreRow>> {
  const image = {
    released: (service: string) => releasedImage(`v0.1.0-alpha-${service}`),
    documents: (service: string) => documentsImage(service, imageTag),
  };
  return {
    frontend: {
      language: "go",
      sdk: sdks.go,
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
      memoryMib: 128,
      builds: {
        // It listens at this address; the documents' `frontend:8080` would be the Service's.
        "v0.1.0-alpha": { image: image.released("frontend"), environment: { FRONTEND_ADDR: ":$(PORT)" } },
        documents: { image: image.documents("frontend") },
      },
    },
    adservice: {
      language: "java",
      sdk: sdks.javaAgent1,
      ports: [{ number: 9555, protocol: "grpc" }],
      memoryMib: 512,
      cpu: "100m",
      builds: {
        "v0.1.0-alpha": { image: image.released("adservice"), portVariable: "AD_SERVICE_PORT" },
        documents: { image: image.documents("adservice"), portVariable: "PORT" },
      },
    },
    cartservice: {
      language: "dotnet",
      sdk: sdks.dotnet,
      ports: [{ number: 7070, protocol: "grpc" }],
      calls: calling("redis-cart"),
      memoryMib: 256,
      builds: {
        "v0.1.0-alpha": {
          // The next release's, which differs in nothing else: that of v0.1.0-alpha implements no RPC.
          // Upstream deleted CartService.cs a minute before the tag (opentelemetry-demo #105) and brought it
          // back after it (#145).
          image: releasedImage("v0.2.0-alpha-cartservice"),
          portVariable: "CART_SERVICE_PORT",
          environment: { ASPNETCORE_URLS: "http://*:$(CART_SERVICE_PORT)" },
        },
        // Its port is built in.
        documents: { image: image.documents("cartservice") },
      },
    },
    checkoutservice: {
      language: "go",
      sdk: sdks.go,
      ports: [{ number: 5050, protocol: "grpc" }],
      calls: calling(
        "cartservice",
        "currencyservice",
        "emailservice",
        "paymentservice",
        "productcatalogservice",
        "shippingservice",
      ),
      memoryMib: 128,
      builds: {
        "v0.1.0-alpha": {
          image: image.released("checkoutservice"),
          portVariable: "CHECKOUT_SERVICE_PORT",
          calls: { emailservice: { ...calls.emailservice, as: "url" } },
        },
        documents: { image: image.documents("checkoutservice"), portVariable: "PORT" },
      },
    },
    currencyservice: {
      language: "nodejs",
      sdk: sdks.nodejs,
      ports: [{ number: 7000, protocol: "grpc" }],
      portVariable: "PORT",
      memoryMib: 256,
      builds: {
        "v0.1.0-alpha": { image: image.released("currencyservice") },
        documents: { image: image.documents("currencyservice") },
      },
    },
    // Rewritten between the two image sets.
    emailservice: {
      language: "ruby",
      portVariable: "PORT",
      memoryMib: 256,
      builds: {
        "v0.1.0-alpha": {
          image: image.released("emailservice"),
          sdk: sdks.ruby,
          ports: [{ number: 8080, protocol: "http" }],
          // Sinatra listens on localhost unless it is told that this is production.
          environment: { APP_ENV: "production" },
        },
        documents: {
          image: image.documents("emailservice"),
          language: "python",
          sdk: sdks.python,
          ports: [{ number: 8080, protocol: "grpc" }],
          environment: logCorrelation,
        },
      },
    },
    paymentservice: {
      language: "nodejs",
      sdk: sdks.nodejs,
      ports: [{ number: 50051, protocol: "grpc" }],
      memoryMib: 256,
      builds: {
        "v0.1.0-alpha": { image: image.released("paymentservice"), portVariable: "PAYMENT_SERVICE_PORT" },
        documents: { image: image.documents("paymentservice"), portVariable: "PORT" },
      },
    },
    productcatalogservice: {
      language: "go",
      sdk: sdks.go,
      ports: [{ number: 3550, protocol: "grpc" }],
      portVariable: "PRODUCT_CATALOG_SERVICE_PORT",
      memoryMib: 128,
      builds: {
        "v0.1.0-alpha": { image: image.released("productcatalogservice") },
        documents: { image: image.documents("productcatalogservice") },
      },
    },
    recommendationservice: {
      language: "python",
      sdk: sdks.python,
      ports: [{ number: 8080, protocol: "grpc" }],
      calls: calling("productcatalogservice"),
      environment: logCorrelation,
      memoryMib: 256,
      builds: {
        "v0.1.0-alpha": {
          image: image.released("recommendationservice"),
          portVariable: "RECOMMENDATION_SERVICE_PORT",
        },
        documents: { image: image.documents("recommendationservice"), portVariable: "PORT" },
      },
    },
    shippingservice: {
      language: "go",
      sdk: sdks.go,
      ports: [{ number: 50051, protocol: "grpc" }],
      portVariable: "PORT",
      memoryMib: 128,
      builds: {
        "v0.1.0-alpha": { image: image.released("shippingservice") },
        documents: { image: image.documents("shippingservice") },
      },
    },
    loadgenerator: {
      language: "python",
      sdk: sdks.python,
      calls: calling("frontend"),
      environment: {
        USERS: String(loadGenerator.users),
        // Avoids a crash in protobuf's native code (opentelemetry-demo, 2022-06-27).
        PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: "python",
      },
      memoryMib: 512,
      replicas: loadGenerator.replicas,
      builds: {
        "v0.1.0-alpha": { image: image.released("loadgenerator") },
        documents: { image: image.documents("loadgenerator") },
      },
    },
  };
}
