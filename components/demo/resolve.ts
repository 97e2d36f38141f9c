import type * as k8s from "@pulumi/kubernetes";
import type { Destination } from "../destination.ts";
import { podSecurityLabels, standardLabels } from "../labels.ts";
import { pathText, type Path } from "../schema/sentences.ts";
import { startOrder, tracedServices } from "./call-graph.ts";
import { tableErrors } from "./check.ts";
import { canReach } from "./environment.ts";
import { serviceObjects, type ServiceObjects } from "./objects.ts";
import { applySettings, type DemoSettings } from "./settings.ts";
import {
  objectMetadata,
  portOf,
  rows,
  serviceNameOf,
  type Demo,
  type SecretDeclaration,
  type Table,
} from "./table.ts";

/** What is around a demo, as its table and settings do not say. */
export interface DemoContext {
  /** Where its spans go. */
  readonly destination: Destination;
  /** Replaces the registries of all images. Default: each image's own. */
  readonly imageRegistry?: string | undefined;
  /** Address of DeepFlow's Grafana, for the link to its dashboard. */
  readonly grafanaUrl: string;
  /** How a setting's key is written in a sentence. Default: without what it is a setting of. */
  readonly keyOf?: (path: Path) => string;
}

/** What a demo tells its users. */
export interface DemoOutputs {
  /** URL of the front end, for pods. */
  readonly frontEndUrl: string;
  /** Command that brings the front end to this machine. */
  readonly portForward: string;
  /** DeepFlow's dashboard of traces, with this demo selected. */
  readonly dashboard: string;
  /** `service.name` of the services whose spans to expect. */
  readonly services: readonly string[];
  /** Services whose SDK cannot send to the destination, and that therefore send nothing. */
  readonly servicesWithoutEndpoint: readonly string[];
}

/** A demo as it is to be registered. */
export interface ResolvedDemo {
  /** Its table with the settings in it. */
  readonly demo: Demo;
  readonly namespace: { readonly metadata: k8s.types.input.meta.v1.ObjectMeta };
  /** Without their content. */
  readonly secrets: readonly (SecretDeclaration & {
    readonly metadata: k8s.types.input.meta.v1.ObjectMeta;
  })[];
  /** In the order in which they can start, each with the names of those that have to be ready before it. */
  readonly services: readonly (ServiceObjects & { readonly calls: readonly string[] })[];
  readonly outputs: DemoOutputs;
}

/** Why a demo cannot be deployed. */
export interface DemoErrors {
  readonly errors: readonly string[];
}

/** What a demo is in Kubernetes; or all that is wrong with its table, settings or context, in sentences. */
export function resolveDemo(
  table: Table,
  settings: DemoSettings,
  context: DemoContext,
): ResolvedDemo | DemoErrors {
  const demo = applySettings(table, settings);
  const errors = [...unknownServices(table, settings, context), ...demoErrors(demo, context)];
  if (errors.length > 0) return { errors };
  const { labels } = standardLabels(demo.name, "demo", demo.name);
  return {
    demo,
    namespace: {
      metadata: { name: demo.namespace, labels: { ...labels, ...podSecurityLabels("baseline") } },
    },
    secrets: rows(demo).flatMap((row) =>
      Object.entries(row.service.secrets ?? {}).map(([name, secret]) => {
        const annotations = { "kubernetes.io/description": secret.description };
        return { ...secret, metadata: { ...objectMetadata(row, name), annotations } };
      }),
    ),
    services: startOrder(demo).flatMap((name) => {
      const service = demo.services[name];
      if (service === undefined) return [];
      const objects = serviceObjects({ demo, name, service }, context);
      return [{ ...objects, calls: Object.keys(service.calls ?? {}) }];
    }),
    outputs: demoOutputs(demo, context),
  };
}

/**
 * What is wrong with a demo: its table, and services that must send spans and cannot.
 *
 * @returns sentences; none if it can be deployed.
 */
export function demoErrors(demo: Demo, { destination }: Pick<DemoContext, "destination">): string[] {
  const unable = servicesWithoutEndpoint(demo, destination);
  return [
    ...tableErrors(demo),
    ...(demo.allServicesTraced && unable.length > 0
      ? [
          `${demo.title}: allServicesTraced is true, but the SDKs of ${unable.join(", ")} cannot send to ${destination.host} (${Object.keys(destination.endpoints).join(", ")}); use topology agent or gateway, or leave allServicesTraced out.`,
        ]
      : []),
  ];
}

/** What a demo tells its users: known before anything is deployed. */
export function demoOutputs(demo: Demo, { destination, grafanaUrl }: DemoContext): DemoOutputs {
  const { frontEnd, namespace, services } = demo;
  const port = portOf(services[frontEnd])?.number ?? 0;
  const unable = servicesWithoutEndpoint(demo, destination);
  const variables = Object.entries({ namespace, ...demo.dashboardVariables }).map(
    ([name, value]) => `var-${name}=${encodeURIComponent(value)}`,
  );
  return {
    frontEndUrl: `http://${frontEnd}.${namespace}:${port}`,
    portForward: `kubectl port-forward -n ${namespace} service/${frontEnd} ${port}:${port}`,
    dashboard: `${grafanaUrl.replace(/\/$/, "")}/d/Distributed_Tracing/distributed-tracing?${variables.join("&")}`,
    services: tracedServices(demo).filter((name) => !unable.includes(name)),
    servicesWithoutEndpoint: unable,
  };
}

function unknownServices(
  { title, services }: Table,
  settings: DemoSettings,
  { keyOf = pathText }: DemoContext,
): string[] {
  return Object.keys(settings.services)
    .filter((name) => !Object.hasOwn(services, name))
    .map(
      (name) =>
        `${keyOf(["services", name])} is no service of the ${title}; write one of ${Object.keys(services).join(", ")}.`,
    );
}

function servicesWithoutEndpoint(demo: Demo, destination: Destination): string[] {
  return rows(demo)
    .filter((row) => canReach(row, destination) === false)
    .map(serviceNameOf);
}
