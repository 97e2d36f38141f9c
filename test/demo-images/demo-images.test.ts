import { describe, expect, test } from "vitest";
import { rows, type Demo, type Service } from "../../components/demo/table.ts";
import { imageReference } from "../../components/image.ts";
import { rowOf, webShop, webStore } from "../demo/demos.ts";
import { faults } from "./faults.ts";
import { webShopImages } from "./web-shop.ts";
import { documentsImages, releasedImages } from "./web-store.ts";

const images = { ...releasedImages, ...documentsImages, ...webShopImages };
const demos = {
  WebShop: webShop(),
  "WebStore of v0.1.0-alpha": webStore(),
  "WebStore of the documents": webStore({ imageSet: "documents", imageTag: "latest" }),
};

describe.each(Object.entries(demos))("every row of the %s fits its image:", (_, demo) => {
  test.each(rows(demo).map((row) => [row.name, row] as const))("%s", (_, row) => {
    expect(faults(row, images)).toEqual([]);
  });
});

test("all images that something is known of are used, but for the cart that is replaced", () => {
  const used = Object.values(demos).flatMap((demo) =>
    rows(demo).map(({ service }) => imageReference(service.image)),
  );
  expect(Object.keys(images).filter((image) => !used.includes(image))).toEqual([
    "ghcr.io/open-telemetry/demo:v0.1.0-alpha-cartservice",
  ]);
});

describe("a row does not fit its image", () => {
  /** What is wrong with a row that is changed. */
  function faultsOf(demo: Demo, name: string, change: Partial<Service>): string[] {
    const service = { ...rowOf(demo, name).service, ...change };
    const changed = { ...demo, services: { ...demo.services, [name]: service } };
    return rows(changed).flatMap((row) => faults(row, images).map((fault) => `${row.name}: ${fault}`));
  }
  const amd64 = "The image is built for amd64, and the pod may run on any.";

  test("if it implements no RPC, as the cart of v0.1.0-alpha: whoever asks it fails", () => {
    const cart = rowOf(webStore(), "cartservice").service;
    const image = { ...cart.image, tag: "v0.1.0-alpha-cartservice" };
    const unanswered =
      "The image asks hipstershop.CartService of others, and none that it calls implements it.";
    expect(faultsOf(webStore(), "cartservice", { image })).toEqual([
      `frontend: ${unanswered}`,
      "frontend: The row calls cartservice, of which the image asks nothing.",
      "cartservice: The image implements nothing that it could be asked.",
      `checkoutservice: ${unanswered}`,
      "checkoutservice: The row calls cartservice, of which the image asks nothing.",
    ]);
  });

  test("if it is for amd64 only, and the row has no such node selector", () => {
    const { image } = rowOf(webShop(), "nacos").service;
    const anywhere = { ...image, architecture: undefined };
    expect(faultsOf(webShop(), "nacos", { image: anywhere })).toEqual([`nacos: ${amd64}`]);
  });

  test("if it reads a file from the working directory, and the row does not set that", () => {
    expect(faultsOf(webShop(), "svc-user", { workingDir: "/" })).toEqual([
      "svc-user: The image reads its files from the working directory, which the row does not set to /home.",
    ]);
  });

  test("if it allocates memory for every file that it may open, and the row does not limit them", () => {
    expect(faultsOf(webShop(), "db-demo", { command: ["docker-entrypoint.sh", "mysqld"] })).toEqual([
      "db-demo: The image allocates memory for every file that it may open, and the row does not limit them.",
    ]);
  });

  test("if its tracer records the row's probes: 9 traces a minute, which of the WebStore's services were 81", () => {
    const probes = { readiness: { http: "/_healthz" } };
    expect(faultsOf(webStore(), "frontend", { probes })).toEqual([
      "frontend: The image's tracer records the row's probes, 9 traces a minute.",
    ]);
    expect(faultsOf(webShop(), "web-shop", { probes: { readiness: { http: "/shop" } } })).toEqual([
      "web-shop: The image's tracer records the row's probes, 9 traces a minute.",
    ]);
    expect(faultsOf(webShop(), "nacos", { probes: { readiness: { http: "/nacos/" } } })).toEqual([]);
  });

  test.each([
    [
      "email listens on another port",
      "emailservice",
      { ports: [{ number: 8081, protocol: "http" }], portVariable: "EMAIL_PORT" },
      "emailservice: The image listens on 4567 (http), and the row says 8081 (http); the image reads PORT.",
    ],
    [
      "a variable is missing",
      "emailservice",
      { environment: {} },
      "emailservice: The image needs APP_ENV, which the row does not set.",
    ],
    [
      "a variable is not read",
      "cartservice",
      { portVariable: "PORT", environment: { ASPNETCORE_URLS: "http://*:7070" } },
      "cartservice: The row sets PORT, which the image does not read.",
    ],
    [
      "an address is spelled otherwise",
      "recommendationservice",
      { calls: { productcatalogservice: { variable: "PRODUCT_CATALOG_SERVICE_ADDR", as: "url" } } },
      "recommendationservice: The image is told the address of productcatalogservice by PRODUCT_CATALOG_SERVICE_ADDR, as host:port.",
    ],
    [
      "nothing is known of it",
      "adservice",
      { image: { registry: "a", repository: "b", tag: "c" } },
      "adservice: a/b:c is not known.",
    ],
    [
      "it is not known to run as that user",
      "shippingservice",
      { user: { uid: 1, gid: 1 } },
      "shippingservice: The image is not known to run as 1:1.",
    ],
    [
      "it needs other capabilities",
      "shippingservice",
      { capabilities: ["CHOWN"] },
      "shippingservice: The image needs the capabilities none.",
    ],
  ] as [string, string, Partial<Service>, string][])("if %s", (_, name, change, fault) => {
    expect(faultsOf(webStore(), name, change)).toContain(fault);
  });
});

test("everything that is known of an image says where it is from", () => {
  for (const [reference, { source }] of Object.entries(images)) {
    expect(source, reference).toMatch(/^[-a-z]+\/[-a-z]+ \S+: ./);
  }
});
