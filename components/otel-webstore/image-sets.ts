import type { Image } from "../image.ts";
import { sdks } from "../microservice/sdk.ts";
import type { Service } from "../microservice/table.ts";
import type { imageSetNames, OtelWebStoreSettings } from "./settings.ts";

/** What differs between two builds of the same services: their images, and how each is told its port and addresses. */
export interface ImageSet {
  readonly image: (service: string) => Image;
  /** What it replaces in the rows of the table; a row that it does not mention is the same in all. */
  readonly rows: Readonly<Record<string, Partial<Service>>>;
}

/** Puts trace ids into the log lines of Python's auto-instrumentation. */
export const logCorrelation = { OTEL_PYTHON_LOG_CORRELATION: "true" };

/** The image sets of the demo. */
export function imageSet({ imageSet: name, imageTag }: OtelWebStoreSettings): ImageSet {
  const sets: Record<(typeof imageSetNames)[number], ImageSet> = {
    /** Source: docker-compose.yml, .env and .github/workflows/release.yml of opentelemetry-demo at that tag. */
    "v0.1.0-alpha": {
      image: (service) => ({
        registry: "ghcr.io",
        repository: "open-telemetry/demo",
        tag: `v0.1.0-alpha-${service}`,
      }),
      rows: {
        // It listens at this address; the documents' `frontend:8080` would be the Service's.
        frontend: { portVariable: "PORT", environment: { FRONTEND_ADDR: ":$(PORT)" } },
        adservice: { portVariable: "AD_SERVICE_PORT" },
        // The image was built with an empty port in ASPNETCORE_URLS.
        cartservice: {
          portVariable: "CART_SERVICE_PORT",
          environment: { ASPNETCORE_URLS: "http://*:$(CART_SERVICE_PORT)" },
        },
        checkoutservice: {
          portVariable: "CHECKOUT_SERVICE_PORT",
          calls: { emailservice: { variable: "EMAIL_SERVICE_ADDR", as: "url" } },
        },
        currencyservice: { portVariable: "PORT" },
        // Sinatra listens on localhost unless it is told that this is production. It has no health endpoint.
        emailservice: {
          language: "ruby",
          sdk: sdks.ruby,
          ports: [{ number: 8080, protocol: "http" }],
          portVariable: "PORT",
          environment: { APP_ENV: "production" },
          checks: { ready: { tcp: true } },
        },
        paymentservice: { portVariable: "PAYMENT_SERVICE_PORT" },
        productcatalogservice: { portVariable: "PRODUCT_CATALOG_SERVICE_PORT" },
        recommendationservice: { portVariable: "RECOMMENDATION_SERVICE_PORT" },
        shippingservice: { portVariable: "PORT" },
      },
    },
    /** Source: DeepFlow-Otel-Grpc-Demo/deepflow-otel-grpc-demo.yaml of deepflowio/deepflow-demo; built in June 2022, before v0.1.0-alpha. */
    documents: {
      image: (service) => ({
        registry: "registry.cn-beijing.aliyuncs.com",
        repository: `deepflow-demo/opentelemetry-demo-webstore_${service}`,
        tag: imageTag,
      }),
      rows: {
        frontend: { portVariable: "PORT" },
        adservice: { portVariable: "PORT" },
        checkoutservice: { portVariable: "PORT" },
        currencyservice: { portVariable: "PORT" },
        emailservice: {
          language: "python",
          sdk: sdks.python,
          ports: [{ number: 8080, protocol: "grpc" }],
          checks: { ready: { grpc: true } },
          portVariable: "PORT",
          environment: logCorrelation,
        },
        paymentservice: { portVariable: "PORT" },
        productcatalogservice: { portVariable: "PRODUCT_CATALOG_SERVICE_PORT" },
        recommendationservice: { portVariable: "PORT" },
        shippingservice: { portVariable: "PORT" },
      },
    },
  };
  return sets[name];
}
