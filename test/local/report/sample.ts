import type { ComparedEdge } from "../../../local/replay/compared-edges.ts";
import type { ComparedService } from "../../../local/replay/compared-services.ts";
/** Two demos as they look when everything is right, for the page's tests and to look at the page with. */
import type { ReportContext, DemoReport } from "../../../local/report/demo-report.ts";
import { traceOf } from "./sample-trace.ts";

export const context: ReportContext = {
  stack: "dev",
  collectors: "2 Collectors 0.158.0 on 2 nodes",
  generatedAt: new Date("2026-11-21T10:52:00Z"),
};

/**
 * Five instrumented services in one language, whose calls to what is not instrumented are in part untraced.
 */
export function webShop(): DemoReport {
  const services = [
    ...servicesOf({ "web-shop": "java", "svc-user": "java", "svc-item": "java" }, "shop-"),
    ...servicesOf({ "svc-order": "java", "svc-stock": "java" }, "shop-"),
    ...servicesOf({ loadgenerator: "wrk", "db-demo": "mysql", nacos: "nacos" }),
  ];
  return {
    title: "Spring Boot WebShop",
    namespace: "deepflow-otel-spring-demo",
    services,
    edges: edgesOf(`
      loadgenerator → web-shop: http, untraced
      web-shop → svc-user svc-item svc-order: http
      svc-order → svc-item svc-stock: http
      svc-order → db-demo: mysql
      svc-user → db-demo: mysql
      web-shop → nacos: http, untraced
      svc-user → nacos: http, untraced
      svc-item → nacos: http, untraced
      svc-order → nacos: http, untraced
      svc-stock → nacos: http, untraced
      db-demo → nacos: http, untraced
      nacos → db-demo: mysql, untraced`),
    problems: [],
    trace: traceOf(
      `
>web-shop 0+97.4 GET /shop
  web-shop 0.8+95.1 ShopController.shop
    web-shop>svc-user 2+11.3 GET /users/{id}
      svc-user> 4+5.1 SELECT shop.users
    web-shop>svc-order 15+71.5 POST /orders
      svc-order 16.5+67.9 OrderController.create
        svc-order>svc-item 17.9+9.8 GET /items/{id}
        svc-order>svc-stock 28.6+18.3 PUT /stock/{id}
          svc-stock 30.2+14.4 StockService.reserve
        svc-order>svc-item 48.4+6.2 GET /items/{id}
        svc-order> 56+12.7 INSERT shop.orders
        svc-order> 70.1+4.9 SELECT shop.orders
        svc-order 76.7+5.3 OrderEvents.send
    web-shop>svc-item 87.4+7.7 GET /items`,
      services,
    ),
    dashboard: "http://127.0.0.1:30080/d/deepflow?var-namespace=spring&theme=light",
  };
}

/** Ten instrumented services in six languages, one of which fails in the trace. */
export function webStore(): DemoReport {
  const services = [
    ...servicesOf({ frontend: "go", adservice: "java", cartservice: "dotnet", checkoutservice: "go" }, ""),
    ...servicesOf({ currencyservice: "nodejs", emailservice: "ruby", paymentservice: "nodejs" }, ""),
    ...servicesOf({ productcatalogservice: "go", recommendationservice: "python" }, ""),
    ...servicesOf({ shippingservice: "go" }, ""),
    ...servicesOf({ loadgenerator: "python", "redis-cart": "redis" }),
  ];
  return {
    title: "OTel WebStore",
    namespace: "deepflow-otel-grpc-demo",
    services,
    edges: edgesOf(`
      loadgenerator → frontend: http, untraced
      frontend → adservice cartservice checkoutservice currencyservice: grpc
      frontend → productcatalogservice recommendationservice shippingservice: grpc
      recommendationservice → productcatalogservice: grpc
      checkoutservice → cartservice productcatalogservice currencyservice shippingservice paymentservice: grpc
      checkoutservice → emailservice: http
      cartservice → redis-cart: redis`),
    problems: [],
    trace: traceOf(
      `
>frontend 0+118.3 POST /cart/checkout
  frontend>checkoutservice 1.5+71 hipstershop.CheckoutService/PlaceOrder
    checkoutservice 2.5+27 prepareOrderItemsAndShippingQuoteFromCart
      checkoutservice>cartservice 2.9+5.2 hipstershop.CartService/GetCart
        cartservice> 4.3+2.1 HGET
      checkoutservice>productcatalogservice 8.8+2.9 hipstershop.ProductCatalogService/GetProduct
      checkoutservice>currencyservice 12.3+3.4 hipstershop.CurrencyService/Convert
      checkoutservice>productcatalogservice 16.3+2.9 hipstershop.ProductCatalogService/GetProduct
      checkoutservice>currencyservice 19.7+3.4 hipstershop.CurrencyService/Convert
      checkoutservice>shippingservice 23.9+1.9 hipstershop.ShippingService/GetQuote
    checkoutservice>currencyservice 30+3.4 hipstershop.CurrencyService/Convert
    checkoutservice>paymentservice 34.3+12.6 hipstershop.PaymentService/Charge
    checkoutservice>shippingservice 47.7+1.3 hipstershop.ShippingService/ShipOrder
    checkoutservice>cartservice 49.9+5.2 hipstershop.CartService/EmptyCart
      cartservice> 51.3+2.1 HMSET
    checkoutservice>emailservice 56+15.6 !POST /send_order_confirmation
  frontend>recommendationservice 74+14.8 hipstershop.RecommendationService/ListRecommendations
    recommendationservice>productcatalogservice 77.6+6.4 hipstershop.ProductCatalogService/ListProducts
  frontend>productcatalogservice 90+2.9 hipstershop.ProductCatalogService/GetProduct
  frontend>currencyservice 94.2+3.4 hipstershop.CurrencyService/Convert
  frontend>cartservice 99+5.2 hipstershop.CartService/GetCart
    cartservice> 100.4+2.1 HGET
  frontend>shippingservice 105+2.2 hipstershop.ShippingService/GetQuote
  frontend>adservice 108.4+7.6 hipstershop.AdService/GetAds`,
      services,
    ),
  };
}

/**
 * Services with their languages; instrumented ones have a prefix for the word of their name that is their
 * own.
 */
function servicesOf(languages: Record<string, string>, prefix?: string): ComparedService[] {
  return Object.entries(languages).map(([name, language]) => {
    const number = Buffer.from(name).reduce((sum, letter) => sum + letter) % 250;
    const podIp = `10.244.${number % 2}.${number}`;
    const spans = prefix === undefined ? 0 : 6 * name.length;
    return {
      name,
      ...(prefix === undefined ? {} : { serviceName: prefix + name.replace(/^svc-|-shop$/, "") }),
      language,
      pod: `${name}-6d8f7c9b5d-k2x7m`,
      node: `node-${1 + (number % 2)}`,
      podIp,
      sent: spans,
      received: spans,
      appHostIps: prefix === undefined ? [] : [podIp],
    };
  });
}

/**
 * Edges written as `web-shop → svc-user svc-item: http`, with `, untraced` behind it where no span can show
 * them.
 */
function edgesOf(lines: string): ComparedEdge[] {
  return lines
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [from = "", targets = "", protocol = "", state] = line.trim().split(/ → |: |, /);
      return targets
        .split(" ")
        .map((to) =>
          state === "untraced"
            ? { from, to, protocol, state, calls: 0 }
            : { from, to, protocol, state: "seen" as const, calls: 12 },
        );
    });
}
