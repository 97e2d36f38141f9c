import { DemoComponent } from "../../components/demo/demo.ts";
import { resolveDemo, type DemoContext } from "../../components/demo/resolve.ts";
import { sdks } from "../../components/demo/sdk.ts";
import type { DemoSettings } from "../../components/demo/settings.ts";
import type { Call, Service, Table } from "../../components/demo/table.ts";
import { otelWebStoreTable } from "../../components/otel-webstore/table.ts";
import { springBootWebShopTable } from "../../components/spring-boot-webshop/table.ts";
import { parseSettings } from "../../settings.ts";

/** A table with one row more than the demo has, and the settings for it. */
export interface Extended {
  /** The demo's own table. */
  readonly original: Table;
  /** The one with a row more. */
  readonly table: Table;
  readonly settings: DemoSettings;
}

const { springBootWebShop, otelWebStore } = parseSettings({
  "deepflow-otel:springBootWebShop": "{}",
  "deepflow-otel:otelWebStore": "{}",
});
if (!springBootWebShop || !otelWebStore) throw new Error("Both demos were asked for.");

/** Adds a row, and a call of it to the row of one that is there. */
function extended(
  original: Table,
  settings: DemoSettings,
  [added, row]: readonly [string, Service],
  [caller, call]: readonly [string, Call],
): Extended {
  const calling = original.services[caller];
  if (calling === undefined) throw new Error(`${original.title} has no ${caller}.`);
  const services = {
    ...original.services,
    [caller]: { ...calling, calls: { ...calling.calls, [added]: call } },
    [added]: row,
  };
  return { original, table: { ...original, services }, settings };
}

/** The WebShop with a Dubbo service that `svc-order` finds by the registry. */
export const webShopPlus = extended(
  springBootWebShopTable(springBootWebShop),
  springBootWebShop,
  [
    "svc-price",
    {
      language: "java",
      sdk: sdks.javaAgent2,
      serviceName: "price-svc",
      image: { registry: "docker.io", repository: "example/price", tag: "1.0" },
      ports: [{ number: 20880, protocol: "http" }],
      portVariable: "SERVICE_PORT",
      calls: { nacos: { variable: "NACOS_HOST", as: "host" } },
      registers: { at: "nacos", hostVariable: "SERVICE_HOST" },
      files: { configMap: "price-service", content: { "/home/application.yml": "application: {}\n" } },
      memoryMib: 512,
    },
  ],
  ["svc-order", { registry: "nacos" }],
);

/** The WebStore with a service that `frontend` finds by a variable, and that has a Secret. */
export const webStorePlus = extended(
  otelWebStoreTable(otelWebStore),
  otelWebStore,
  [
    "giftservice",
    {
      language: "nodejs",
      sdk: sdks.nodejs,
      image: { registry: "docker.io", repository: "example/gift", tag: "1.0" },
      ports: [{ number: 6000, protocol: "grpc" }],
      portVariable: "PORT",
      calls: { currencyservice: { variable: "CURRENCY_SERVICE_ADDR" } },
      environment: { GIFT_KEY: { secret: "gift", key: "key" } },
      secrets: {
        gift: { resourceName: "gift", description: "Any text.", passwords: { key: "gift-key" } },
      },
      memoryMib: 64,
    },
  ],
  ["frontend", { variable: "GIFT_SERVICE_ADDR" }],
);

/** Registers such a table as the demos' own components register theirs. */
export class ExtendedDemo extends DemoComponent {
  constructor(table: Table, settings: DemoSettings, context: DemoContext) {
    const passwords = { "mydemo-password": "mydemo", "nacos-password": "nacos" };
    super("test:demo:ExtendedDemo", table.name, resolveDemo(table, settings, context), passwords, {});
  }
}
