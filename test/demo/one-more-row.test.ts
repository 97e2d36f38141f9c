import { describe, expect, test } from "vitest";
import { tableErrors } from "../../components/demo/check.ts";
import { applySettings, type DemoSettings } from "../../components/demo/settings.ts";
import type { Table } from "../../components/demo/table.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { identity, registrationsOf, type KubernetesObject } from "../../render/objects.ts";
import { ExtendedDemo, webShopPlus, webStorePlus } from "./one-more-row.ts";

const context = { destination: otelAgentDestination("open-telemetry"), grafanaUrl: "http://localhost:3000" };

/** The objects of a demo as JSON, by kind and name; and the commands that generate passwords. */
async function rendered(table: Table, settings: DemoSettings): Promise<Map<string, string>> {
  const registered = await registrationsOf(() => new ExtendedDemo(table, settings, context), "test");
  return new Map(
    registered
      .filter(({ type }) => /^(kubernetes|command):/.test(type))
      .map(({ type, name, inputs }) => {
        const object = inputs as unknown as KubernetesObject;
        return [type.startsWith("command:") ? name : identity(object), JSON.stringify(inputs)];
      }),
  );
}

describe.each([
  [
    webShopPlus,
    {
      added: [
        "ConfigMap deepflow-otel-spring-demo/price-service",
        "Deployment deepflow-otel-spring-demo/svc-price",
        "NetworkPolicy deepflow-otel-spring-demo/svc-price",
        "Service deepflow-otel-spring-demo/svc-price",
      ],
      changed: [
        // Who calls it may; where it registers admits it.
        "NetworkPolicy deepflow-otel-spring-demo/nacos",
        "NetworkPolicy deepflow-otel-spring-demo/svc-order",
      ],
    },
  ],
  [
    webStorePlus,
    {
      added: [
        "Deployment deepflow-otel-grpc-demo/giftservice",
        "NetworkPolicy deepflow-otel-grpc-demo/giftservice",
        "Secret deepflow-otel-grpc-demo/gift",
        "Service deepflow-otel-grpc-demo/giftservice",
        "otel-webstore-gift-key",
      ],
      changed: [
        "Deployment deepflow-otel-grpc-demo/frontend",
        "NetworkPolicy deepflow-otel-grpc-demo/currencyservice",
        "NetworkPolicy deepflow-otel-grpc-demo/frontend",
      ],
    },
  ],
])("$table.title with one row more", ({ original, table, settings }, expected) => {
  test("is right", () => {
    expect(tableErrors(applySettings(table, settings))).toEqual([]);
  });

  test("has the objects of the new service, and changes those of its neighbours only", async () => {
    const before = await rendered(original, settings);
    const after = await rendered(table, settings);
    expect([...after.keys()].filter((name) => !before.has(name)).sort()).toEqual(expected.added);
    expect(
      [...before]
        .filter(([name, object]) => after.get(name) !== object)
        .map(([name]) => name)
        .sort(),
    ).toEqual(expected.changed);
  });
});
