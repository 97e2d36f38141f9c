import type { AgentGroupConfigArgs } from "./components/agent-group-config/agent-group-config.ts";
import { deepFlowDestination } from "./components/deepflow/destination.ts";
import type { NodeLocalServiceArgs } from "./components/deepflow/node-local-service.ts";
import type { Destination } from "./components/destination.ts";
import { demoErrors, type DemoArgs } from "./components/microservice/demo.ts";
import type { Demo } from "./components/microservice/table.ts";
import type { OtelAgentArgs } from "./components/otel-agent/args.ts";
import { otelAgentDestination } from "./components/otel-agent/destination.ts";
import { otelWebStore } from "./components/otel-webstore/table.ts";
import { SettingsError } from "./components/schema/settings-error.ts";
import type { SpringBootWebShopArgs } from "./components/spring-boot-webshop/spring-boot-webshop.ts";
import { springBootWebShop } from "./components/spring-boot-webshop/table.ts";
import { keyOf, parseSettings, type Settings } from "./settings.ts";

/** A demo of a stack, as its component takes it. */
export interface StackDemo extends DemoArgs {
  readonly demo: Demo;
}

/** What a stack deploys: everything that follows from its settings, as its components take it. */
export interface Stack {
  /** Where the stack's applications send to: its Collectors, or DeepFlow where it has none. */
  readonly applications: Destination;
  /** The stack's own Service in front of the deepflow-agents. */
  readonly nodeLocalService?: NodeLocalServiceArgs;
  readonly agentGroup?: AgentGroupConfigArgs;
  /** The Collectors; none in topology `direct`. */
  readonly otelAgent?: OtelAgentArgs;
  readonly demos: StackDemos;
}

/** The demos that a stack has settings for. */
export interface StackDemos {
  readonly springBootWebShop?: SpringBootWebShopArgs;
  readonly otelWebStore?: StackDemo;
}

/**
 * What a stack with these settings deploys.
 *
 * @throws SettingsError for settings that are each right and together ask for what cannot be deployed.
 */
export function resolveStack(settings: Settings): Stack {
  const { topology, agentGroup, images } = settings;
  const { destination, ...otelAgent } = settings.otelAgent;
  const { namespace } = otelAgent;
  const deepFlow = deepFlowDestination(destination, namespace);
  const applications = topology === "direct" ? deepFlow : otelAgentDestination(namespace);
  const demos = stackDemos(settings, applications);
  const problems = [
    ...demoProblems("springBootWebShop", demos.springBootWebShop, settings.springBootWebShop),
    ...demoProblems("otelWebStore", demos.otelWebStore, settings.otelWebStore),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    applications,
    ...(destination.type === "nodeLocalService" && {
      nodeLocalService: { ...destination, stackNamespace: namespace },
    }),
    ...(agentGroup && { agentGroup: { ...agentGroup, deepFlow } }),
    ...(topology !== "direct" && {
      otelAgent: { ...otelAgent, topology, deepFlow, imageRegistry: images.registry },
    }),
    demos,
  };
}

/**
 * What a stack with this configuration deploys.
 *
 * @throws SettingsError as `parseSettings` and `resolveStack` do.
 */
export function stackFrom(config: Readonly<Record<string, string>>, secretKeys?: ReadonlySet<string>): Stack {
  return resolveStack(parseSettings(config, secretKeys));
}

function stackDemos(settings: Settings, destination: Destination): StackDemos {
  const { springBootWebShop: webShop, otelWebStore: webStore, images, grafana } = settings;
  const args = { destination, imageRegistry: images.registry, grafanaUrl: grafana.url };
  return {
    ...(webShop && {
      springBootWebShop: {
        ...args,
        demo: springBootWebShop(webShop),
        allServicesTraced: webShop.allServicesTraced,
        database: webShop.database,
      },
    }),
    ...(webStore && {
      otelWebStore: {
        ...args,
        demo: otelWebStore(webStore),
        allServicesTraced: webStore.allServicesTraced,
      },
    }),
  };
}

/** Why a demo cannot be deployed. The names of its services are its table's, which a schema does not know. */
function demoProblems(
  key: keyof StackDemos,
  stackDemo: StackDemo | undefined,
  settings: { readonly services: Readonly<Record<string, unknown>> } | undefined,
): string[] {
  if (!stackDemo || !settings) return [];
  const { title, services } = stackDemo.demo;
  return [
    ...Object.keys(settings.services)
      .filter((name) => !Object.hasOwn(services, name))
      .map(
        (name) =>
          `${keyOf([key, "services", name])} is no service of the ${title}; write one of ${Object.keys(services).join(", ")}.`,
      ),
    ...demoErrors(stackDemo.demo, stackDemo),
  ];
}
