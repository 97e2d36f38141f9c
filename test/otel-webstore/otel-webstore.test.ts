import { describe, expect, test } from "vitest";
import { environment } from "../../components/demo/environment.ts";
import { demoOutputs } from "../../components/demo/resolve.ts";
import { rows, type Demo } from "../../components/demo/table.ts";
import { imageReference } from "../../components/image.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { SettingsError } from "../../components/schema/settings-error.ts";
import { stackFrom } from "../../stack.ts";
import { rowOf, webStore } from "../demo/demos.ts";

const destination = otelAgentDestination("open-telemetry");
const documents = { imageSet: "documents", imageTag: "latest" };

function variables(demo: Demo, service: string): Record<string, unknown> {
  return Object.fromEntries(
    environment(rowOf(demo, service), destination).map((one) => ("name" in one ? [one.name, one.value] : [])),
  ) as Record<string, unknown>;
}

function sentences(settings: object, topology = "agent"): readonly string[] {
  try {
    stackFrom({
      "deepflow-otel:topology": topology,
      "deepflow-otel:otelWebStore": JSON.stringify(settings),
    });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.sentences;
    throw error;
  }
}

describe("the documents' manifest of the WebStore, mended", () => {
  test("the cart's spans get an endpoint that .NET reads", () => {
    for (const demo of [webStore(), webStore(documents)]) {
      const cart = variables(demo, "cartservice");
      expect(cart["OTEL_EXPORTER_OTLP_ENDPOINT"]).toBe("http://otel-agent.open-telemetry:4317");
      expect(cart).not.toHaveProperty("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    }
  });

  test("every service has its name, from one variable", () => {
    for (const { name, service } of rows(webStore())) {
      if (service.sdk) expect(variables(webStore(), name)["OTEL_SERVICE_NAME"]).toBe(name);
    }
  });

  test("ports and addresses are the documents'", () => {
    const ports = Object.fromEntries(
      rows(webStore()).map(({ name, service }) => [name, service.ports?.[0]?.number]),
    );
    expect(ports).toEqual({
      frontend: 8080,
      adservice: 9555,
      cartservice: 7070,
      checkoutservice: 5050,
      currencyservice: 7000,
      emailservice: 8080,
      paymentservice: 50051,
      productcatalogservice: 3550,
      recommendationservice: 8080,
      shippingservice: 50051,
      "redis-cart": 6379,
      loadgenerator: undefined,
    });
  });
});

describe("the image sets", () => {
  test("tell each build its port and addresses as that build reads them", () => {
    expect(variables(webStore(), "frontend")).toMatchObject({ PORT: "8080", FRONTEND_ADDR: ":$(PORT)" });
    expect(variables(webStore(), "cartservice")).toMatchObject({
      CART_SERVICE_PORT: "7070",
      ASPNETCORE_URLS: "http://*:$(CART_SERVICE_PORT)",
    });
    expect(variables(webStore(), "checkoutservice")["EMAIL_SERVICE_ADDR"]).toBe("http://emailservice:8080");
    expect(variables(webStore(), "emailservice")).toMatchObject({
      APP_ENV: "production",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://otel-agent.open-telemetry:4318/v1/traces",
    });
    const old = webStore(documents);
    expect(variables(old, "frontend")).not.toHaveProperty("FRONTEND_ADDR");
    expect(variables(old, "checkoutservice")).toMatchObject({
      PORT: "5050",
      EMAIL_SERVICE_ADDR: "emailservice:8080",
    });
    expect(variables(old, "productcatalogservice")).toMatchObject({ PRODUCT_CATALOG_SERVICE_PORT: "3550" });
  });

  test("name every image with a tag; the documents', which have only latest, with none until a stack says it", () => {
    const references = (demo: Demo) => rows(demo).map(({ service }) => imageReference(service.image));
    expect(references(webStore())).toContain("ghcr.io/open-telemetry/demo:v0.1.0-alpha-frontend");
    expect(references(webStore()).filter((image) => /:latest$|^[^:]+$/.test(image))).toEqual([]);
    expect(references(webStore(documents))).toContain(
      "registry.cn-beijing.aliyuncs.com/deepflow-demo/opentelemetry-demo-webstore_cartservice:latest",
    );
    expect(sentences({ imageSet: "documents" })).toEqual([
      "deepflow-otel:otelWebStore.imageTag is missing, but imageSet documents needs it: its images have no tag but latest; write latest if you accept that their content may change, or another imageSet.",
    ]);
    expect(sentences({ imageTag: "latest" })).toEqual([
      'deepflow-otel:otelWebStore.imageTag is "latest", but imageSet v0.1.0-alpha has its own tags; leave it out, or write services.<name>.image.tag for single services.',
    ]);
  });

  test("take the cart from the next release, whose version its spans have, because that of v0.1.0-alpha implements no RPC", () => {
    const { image } = rowOf(webStore(), "cartservice").service;
    expect(imageReference(image)).toBe("ghcr.io/open-telemetry/demo:v0.2.0-alpha-cartservice");
    expect(variables(webStore(), "cartservice")["OTEL_RESOURCE_ATTRIBUTES"]).toBe(
      "service.version=v0.2.0-alpha",
    );
    const own = { cartservice: { image: { tag: "mine" } } };
    expect(rowOf(webStore({ services: own }), "cartservice").service.image.tag).toBe("mine");
  });

  test("can be replaced per service, and a digest then stands alone", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const image = (override: object) =>
      imageReference(
        rowOf(webStore({ services: { adservice: { image: override } } }), "adservice").service.image,
      );
    expect(image({ tag: "2.0" })).toBe("ghcr.io/open-telemetry/demo:2.0");
    expect(image({ digest })).toBe(`ghcr.io/open-telemetry/demo@${digest}`);
    expect(image({ registry: "quay.io" })).toBe("quay.io/open-telemetry/demo:v0.1.0-alpha-adservice");
    expect(sentences({ services: { adservice: { image: { repository: "mine/ad" } } } })).toEqual([
      "OTel WebStore, row adservice, image is mine/ad without tag or digest, which would be latest; write one.",
    ]);
  });
});

test("a setting for a service that is not there is refused, and the services named", () => {
  expect(sentences({ services: { nobody: { memory: "1Gi" } } })).toEqual([
    expect.stringMatching(
      /^deepflow-otel:otelWebStore\.services\.nobody is no service of the OTel WebStore; write one of frontend, adservice, .*redis-cart\.$/,
    ),
  ]);
});

describe("in topology direct", () => {
  const silent = [
    "frontend",
    "adservice",
    "cartservice",
    "checkoutservice",
    "currencyservice",
    "paymentservice",
    "productcatalogservice",
    "recommendationservice",
    "shippingservice",
    "loadgenerator",
  ].filter((name) => name !== "adservice");

  test("services whose SDK cannot send to DeepFlow get no endpoint, and are listed", () => {
    const { otelWebStore } = stackFrom({
      "deepflow-otel:topology": "direct",
      "deepflow-otel:otelWebStore": "{}",
    }).demos;
    if (!otelWebStore) throw new Error("There is no WebStore.");
    const outputs = demoOutputs(otelWebStore.demo, otelWebStore);
    expect([...outputs.servicesWithoutEndpoint].sort()).toEqual([...silent].sort());
    expect(outputs.services).toEqual(["adservice", "emailservice"]);
    for (const { name } of rows(otelWebStore.demo)) {
      const telemetry = environment(rowOf(otelWebStore.demo, name), otelWebStore.destination).filter(
        (one) => "name" in one && typeof one.name === "string" && one.name.startsWith("OTEL_EXPORTER"),
      );
      expect(telemetry.length > 0, name).toBe(outputs.services.includes(name));
    }
  });

  test("that is an error only where a setting demands them all", () => {
    expect(sentences({}, "direct")).toEqual([]);
    expect(sentences({ allServicesTraced: true }, "direct")).toEqual([
      expect.stringMatching(
        /^OTel WebStore: allServicesTraced is true, but the SDKs of frontend, cartservice, .* cannot send to deepflow-agent\.deepflow \(http\/protobuf\); use topology agent or gateway, or leave allServicesTraced out\.$/,
      ),
    ]);
    expect(sentences({ allServicesTraced: true })).toEqual([]);
  });
});

test("its dashboard link is the documents', with the orders selected", () => {
  const args = { destination, grafanaUrl: "http://localhost:3000", allServicesTraced: false };
  expect(demoOutputs(webStore(), args).dashboard).toBe(
    "http://localhost:3000/d/Distributed_Tracing/distributed-tracing?var-namespace=deepflow-otel-grpc-demo&var-request_resource=*Order*",
  );
});

test("two components in one namespace are refused", () => {
  expect(sentences({ namespace: "open-telemetry" })).toEqual([
    `deepflow-otel:otelWebStore.namespace is "open-telemetry", but that is otelAgent's; write another name.`,
  ]);
});
