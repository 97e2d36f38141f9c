import type { AgentGroupConfigArgs } from "./components/agent-group-config/agent-group-config.ts";
import { deepFlowDestination } from "./components/deepflow/destination.ts";
import type { NodeLocalServiceArgs } from "./components/deepflow/node-local-service.ts";
import { resolveDemo, type DemoContext } from "./components/demo/resolve.ts";
import type { DemoSettings } from "./components/demo/settings.ts";
import type { Demo, Table } from "./components/demo/table.ts";
import type { Destination } from "./components/destination.ts";
import type { HostCollectorArgs } from "./components/host-collector/args.ts";
import type { OtelAgentArgs } from "./components/otel-agent/args.ts";
import { otelAgentDestination } from "./components/otel-agent/destination.ts";
import type { OtelWebStoreArgs } from "./components/otel-webstore/otel-webstore.ts";
import { otelWebStoreTable } from "./components/otel-webstore/table.ts";
import { SettingsError } from "./components/schema/settings-error.ts";
import type { SpringBootWebShopArgs } from "./components/spring-boot-webshop/spring-boot-webshop.ts";
import { springBootWebShopTable } from "./components/spring-boot-webshop/table.ts";
import { keyOf, parseSettings, type Settings } from "./settings.ts";

/** A demo of a stack: what its component takes, and what is known of it without deploying it. */
export interface StackDemo<Args = unknown> extends DemoContext {
  readonly args: Args;
  readonly demo: Demo;
}

/** What a stack deploys: everything that follows from its settings, as its components take it. */
export interface Stack {
  /**
   * Where the stack's applications send to: its Collectors or those of its base, or DeepFlow where there are
   * none.
   */
  readonly applications: Destination;
  /** The stack whose Collectors it uses; one without has its own, and may be the base of others. */
  readonly base?: string;
  /** The stack's own Service in front of the deepflow-agents. */
  readonly nodeLocalService?: NodeLocalServiceArgs;
  readonly agentGroup?: AgentGroupConfigArgs;
  /** The Collectors; none in topology `direct`. */
  readonly otelAgent?: OtelAgentArgs;
  /** Collectors on hosts outside the cluster, by the stack's name for each. */
  readonly hostCollectors: Readonly<Record<string, HostCollectorArgs>>;
  readonly demos: StackDemos;
  /** Address of DeepFlow's Grafana, for links. */
  readonly grafanaUrl: string;
}

/** The demos that a stack has settings for. */
export interface StackDemos {
  readonly springBootWebShop?: StackDemo<SpringBootWebShopArgs> | undefined;
  readonly otelWebStore?: StackDemo<OtelWebStoreArgs> | undefined;
}

/**
 * What a stack with these settings deploys.
 *
 * @param baseDestination where the applications of its base send to; needed if it has one.
 * @throws SettingsError for settings that are each right and together ask for what cannot be deployed.
 */
export function resolveStack(settings: Settings, baseDestination?: Destination): Stack {
  const { base, hostCollectors } = settings;
  if (base === undefined) return withCollectors(settings);
  if (!baseDestination) throw new Error(`The destination of the base ${base} was not read.`);
  const demos = stackDemos(settings, baseDestination);
  const { url: grafanaUrl } = settings.grafana;
  return { base, applications: baseDestination, hostCollectors, demos, grafanaUrl };
}

function withCollectors(settings: Settings): Stack {
  const { topology, agentGroup, hostCollectors, images } = settings;
  const { destination, ...otelAgent } = settings.otelAgent;
  const { namespace } = otelAgent;
  const deepFlow = deepFlowDestination(destination, namespace);
  const applications = topology === "direct" ? deepFlow : otelAgentDestination(namespace);
  const demos = stackDemos(settings, applications);
  return {
    applications,
    ...(destination.type === "nodeLocalService" && {
      nodeLocalService: { ...destination, stackNamespace: namespace },
    }),
    ...(agentGroup && { agentGroup: { ...agentGroup, deepFlow } }),
    ...(topology !== "direct" && {
      otelAgent: { ...otelAgent, topology, deepFlow, imageRegistry: images.registry },
    }),
    hostCollectors,
    demos,
    grafanaUrl: settings.grafana.url,
  };
}

/**
 * What a stack with this configuration deploys.
 *
 * @throws SettingsError as `parseSettings` and `resolveStack` do.
 */
export function stackFrom(
  config: Readonly<Record<string, string>>,
  secretKeys?: ReadonlySet<string>,
  baseDestination?: Destination,
): Stack {
  return resolveStack(parseSettings(config, secretKeys), baseDestination);
}

function stackDemos(settings: Settings, destination: Destination): StackDemos {
  const { springBootWebShop: webShop, otelWebStore: webStore, images, grafana } = settings;
  const context = { destination, imageRegistry: images.registry, grafanaUrl: grafana.url };
  const problems: string[] = [];
  const stackDemo = <Given extends DemoSettings>(key: keyof StackDemos, table: Table, given: Given) => {
    const resolved = resolveDemo(table, given, { ...context, keyOf: (path) => keyOf([key, ...path]) });
    if (settings.base !== undefined && given.namespace === destination.pods?.namespace) {
      problems.push(
        `${keyOf([key, "namespace"])} is ${given.namespace}, where the Collectors of the base ${settings.base} are; write another name.`,
      );
    }
    if ("errors" in resolved) {
      problems.push(...resolved.errors);
      return undefined;
    }
    if (settings.base !== undefined && resolved.outputs.services.length === 0) {
      problems.push(
        `${keyOf([key])} has no SDK that can send to the base ${settings.base} (${destination.host}: ${Object.keys(destination.endpoints).join(", ")}); give the base Collectors (topology agent or gateway).`,
      );
    }
    return { ...context, demo: resolved.demo, args: { ...given, ...context } };
  };
  const demos = {
    ...(webShop && {
      springBootWebShop: stackDemo("springBootWebShop", springBootWebShopTable(webShop), webShop),
    }),
    ...(webStore && { otelWebStore: stackDemo("otelWebStore", otelWebStoreTable(webStore), webStore) }),
  };
  if (problems.length > 0) throw new SettingsError(problems);
  return demos;
}

/** The demos of a stack, however many it has. */
export function demosOf({ demos: { springBootWebShop, otelWebStore } }: Stack): StackDemo[] {
  return [springBootWebShop, otelWebStore].filter((demo) => demo !== undefined);
}
