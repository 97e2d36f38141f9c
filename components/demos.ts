import { deepFlowDestination } from "./deepflow/destination.ts";
import type { Destination } from "./destination.ts";
import type { DemoArgs } from "./demo/demo.ts";
import type { Demo } from "./demo/table.ts";
import { otelAgentDestination } from "./otel-agent/destination.ts";
import { otelWebStore } from "./otel-webstore/table.ts";
import { springBootWebShop } from "./spring-boot-webshop/table.ts";
import type { Settings } from "../settings.ts";

/** A demo of a stack, as its component takes it. */
export interface StackDemo extends DemoArgs {
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
  const stackDemo = (
    demo: Demo,
    { allServicesTraced }: { readonly allServicesTraced: boolean },
  ): StackDemo => ({
    demo,
    destination: telemetryDestination(settings),
    imageRegistry: images.registry,
    grafanaUrl: grafana.url,
    allServicesTraced,
  });
  return {
    ...(webShop && { springBootWebShop: stackDemo(springBootWebShop(webShop), webShop) }),
    ...(webStore && { otelWebStore: stackDemo(otelWebStore(webStore), webStore) }),
  };
}
