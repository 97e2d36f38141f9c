import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../destination.ts";
import { podSecurityLabels, standardLabels } from "../labels.ts";
import { startOrder, tracedServices } from "./call-graph.ts";
import { tableErrors } from "./check.ts";
import { canReach } from "./environment.ts";
import { Microservice } from "./microservice.ts";
import { portOf, rows, serviceNameOf, type Demo } from "./table.ts";

/** What a demo is deployed with, besides its table. */
export interface DemoArgs {
  /** Where its spans go. */
  readonly destination: Destination;
  /** Replaces the registries of all images. Default: each image's own. */
  readonly imageRegistry?: string | undefined;
  /** Address of DeepFlow's Grafana. */
  readonly grafanaUrl: string;
  /** Whether every service must be able to send spans: one whose SDK cannot is then an error. Default: it is only listed. */
  readonly allServicesTraced: boolean;
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

/**
 * What is wrong with a demo as it would be deployed: its table, and services that must send spans and cannot.
 *
 * @returns sentences; none if it can be deployed.
 */
export function demoErrors(demo: Demo, { destination, allServicesTraced }: DemoArgs): string[] {
  const silent = withoutEndpoint(demo, destination);
  return [
    ...tableErrors(demo),
    ...(allServicesTraced && silent.length > 0
      ? [
          `${demo.title}: allServicesTraced is true, but the SDKs of ${silent.join(", ")} cannot send to ${destination.host} (${Object.keys(destination.endpoints).join(", ")}); use topology agent or gateway, or leave allServicesTraced out.`,
        ]
      : []),
  ];
}

/** What a demo tells its users: known before anything is deployed. */
export function demoOutputs(demo: Demo, { destination, grafanaUrl }: DemoArgs): DemoOutputs {
  const { frontEnd, namespace, services } = demo;
  const port = portOf(services[frontEnd])?.number ?? 0;
  const silent = withoutEndpoint(demo, destination);
  const variables = Object.entries({ namespace, ...demo.dashboardVariables }).map(
    ([name, value]) => `var-${name}=${encodeURIComponent(value)}`,
  );
  return {
    frontEndUrl: `http://${frontEnd}.${namespace}:${port}`,
    portForward: `kubectl port-forward -n ${namespace} service/${frontEnd} ${port}:${port}`,
    dashboard: `${grafanaUrl.replace(/\/$/, "")}/d/Distributed_Tracing/distributed-tracing?${variables.join("&")}`,
    services: tracedServices(demo).filter((name) => !silent.includes(name)),
    servicesWithoutEndpoint: silent,
  };
}

/**
 * Registers a demo: its namespace, and its services in the order in which they can start.
 *
 * @param demo one of which `demoErrors` says nothing.
 * @param secrets registers the Secrets that its services refer to.
 */
export function deployDemo(
  name: string,
  demo: Demo,
  args: DemoArgs,
  parent: pulumi.Resource,
  secrets: (namespace: k8s.core.v1.Namespace) => readonly pulumi.Resource[] = () => [],
): DemoOutputs {
  const { labels } = standardLabels(demo.name, "demo", demo.name);
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: demo.namespace, labels: { ...labels, ...podSecurityLabels("baseline") } } },
    { parent },
  );
  const before = [namespace, ...secrets(namespace)];
  const registered = new Map<string, Microservice>();
  for (const service of startOrder(demo)) {
    const row = rows(demo).find((one) => one.name === service);
    if (!row) continue;
    const callees = Object.keys(row.service.calls ?? {}).flatMap((callee) => registered.get(callee) ?? []);
    registered.set(
      service,
      new Microservice(
        `${name}-${service}`,
        { ...args, row },
        { parent, dependsOn: [...before, ...callees] },
      ),
    );
  }
  return demoOutputs(demo, args);
}

function withoutEndpoint(demo: Demo, destination: Destination): string[] {
  return rows(demo)
    .filter((row) => canReach(row, destination) === false)
    .map(serviceNameOf);
}
