import { deepFlowDestination } from "./deepflow/destination.ts";
import type { Destination } from "./destination.ts";
import type { DemoContext } from "./demo/resolve.ts";
import { applySettings, type DemoSettings } from "./demo/settings.ts";
import type { Demo, Table } from "./demo/table.ts";
import { otelAgentDestination } from "./otel-agent/destination.ts";
import { otelWebStoreTable } from "./otel-webstore/table.ts";
import { springBootWebShopTable } from "./spring-boot-webshop/table.ts";
import type { Settings } from "../settings.ts";

/** A demo of a stack, and what is around it. */
export interface StackDemo extends DemoContext {
  readonly demo: Demo;
}

/** Where a stack's applications send to. */
export function telemetryDestination({ topology, otelAgent }: Settings): Destination {
  return topology === "direct"
    ? deepFlowDestination(otelAgent.destination, otelAgent.namespace)
    : otelAgentDestination(otelAgent.namespace);
}

/** The demos that a stack has settings for: everything that is known of them without deploying them. */
export function stackDemos(settings: Settings) {
  const { springBootWebShop: webShop, otelWebStore: webStore, images, grafana } = settings;
  const stackDemo = (table: Table, demoSettings: DemoSettings): StackDemo => ({
    demo: applySettings(table, demoSettings),
    destination: telemetryDestination(settings),
    imageRegistry: images.registry,
    grafanaUrl: grafana.url,
  });
  return {
    ...(webShop && { springBootWebShop: stackDemo(springBootWebShopTable(webShop), webShop) }),
    ...(webStore && { otelWebStore: stackDemo(otelWebStoreTable(webStore), webStore) }),
  };
}
