import { describe, expect, test } from "vitest";
import { callGraph, startOrder, tracedServices } from "../../components/demo/call-graph.ts";
import { diagram } from "../../components/demo/diagram.ts";
import { webShop, webStore } from "./demos.ts";

function edges(demo: Parameters<typeof callGraph>[0]): string[] {
  return callGraph(demo)
    .map(({ from, to, protocol }) => `${from} ${protocol} ${to}`)
    .sort();
}

describe("the call graph", () => {
  test("of the WebStore is the documents' diagram, edge for edge", () => {
    expect(edges(webStore())).toEqual([
      "cartservice redis redis-cart",
      "checkoutservice grpc cartservice",
      "checkoutservice grpc currencyservice",
      "checkoutservice grpc paymentservice",
      "checkoutservice grpc productcatalogservice",
      "checkoutservice grpc shippingservice",
      "checkoutservice http emailservice",
      "frontend grpc adservice",
      "frontend grpc cartservice",
      "frontend grpc checkoutservice",
      "frontend grpc currencyservice",
      "frontend grpc productcatalogservice",
      "frontend grpc recommendationservice",
      "frontend grpc shippingservice",
      "loadgenerator http frontend",
      "recommendationservice grpc productcatalogservice",
    ]);
  });

  test("of the WebStore differs between the image sets in one thing: the email service was rewritten", () => {
    const documents = edges(webStore({ imageSet: "documents", imageTag: "latest" }));
    expect(documents.filter((edge) => !edges(webStore()).includes(edge))).toEqual([
      "checkoutservice grpc emailservice",
    ]);
    expect(documents).toHaveLength(edges(webStore()).length);
  });

  test("of the WebShop has the documents' calls, the database's and the registry's", () => {
    expect(edges(webShop())).toEqual([
      "loadgenerator http web-shop",
      "nacos mysql db-demo",
      "svc-item http nacos",
      "svc-order http nacos",
      "svc-order http svc-item",
      "svc-order http svc-stock",
      "svc-order mysql db-demo",
      "svc-stock http nacos",
      "svc-user http nacos",
      "svc-user mysql db-demo",
      "web-shop http nacos",
      "web-shop http svc-item",
      "web-shop http svc-order",
      "web-shop http svc-user",
    ]);
  });

  test.each([webShop(), webStore()])("$title starts each service after all that it calls", (demo) => {
    const order = startOrder(demo);
    expect([...order].sort()).toEqual(Object.keys(demo.services).sort());
    for (const { from, to } of callGraph(demo)) expect(order.indexOf(to)).toBeLessThan(order.indexOf(from));
  });

  test("expects spans under the names that the documents' pictures have", () => {
    expect(tracedServices(webShop())).toEqual(["item-svc", "order-svc", "shop-web", "stock-svc", "user-svc"]);
    expect(tracedServices(webStore())).not.toContain("redis-cart");
    expect(tracedServices(webStore())).toHaveLength(11);
    expect(tracedServices(webStore({ loadGenerator: { replicas: 0 } }))).not.toContain("loadgenerator");
  });

  test("is drawn with every service and every edge, in the documents' colours", () => {
    const drawn = diagram(webShop());
    for (const { from, to, protocol } of callGraph(webShop())) {
      expect(drawn).toContain(`${from} -- "${protocol}" --> ${to}`);
    }
    expect(drawn).toContain('web-shop("web-shop"):::java');
    expect(drawn).toContain("classDef java fill:#b07219,color:white");
    expect(drawn).toContain("class nacos,db-demo,loadgenerator untraced");
  });
});
