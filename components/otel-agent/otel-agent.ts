import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../destination.ts";
import { imageReference } from "../image.ts";
import { podSecurityLabels } from "../labels.ts";
import { collectorConfigYaml } from "./collector-config.ts";
import { configKey, configMapName } from "./config-map.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { otelAgentPlan } from "./plan.ts";
import { otelAgentDestination, otelAgentLabels } from "./destination.ts";
import { clusterRoleRules } from "./rbac.ts";
import { serviceSpec } from "./service.ts";
import type { OtelAgentSettings } from "./settings/settings.ts";
import type { CollectorTopology } from "./topology.ts";
import { workloads } from "./workload.ts";

/** What an `OtelAgent` is made from: the settings of a stack, and where to send. */
export interface OtelAgentArgs extends Omit<OtelAgentSettings, "destination"> {
  /** Where Collectors run. */
  readonly topology: CollectorTopology;
  /** Where the Collector exports traces to; it must accept OTLP/HTTP. */
  readonly destination: Destination;
  /** Replaces the registry of the image. Default: the image's own. */
  readonly imageRegistry?: string | undefined;
}

/**
 * The OpenTelemetry Collector as the documents deploy it, a workload and a Service `otel-agent` in the namespace
 * `open-telemetry`, made to work: it listens where pods reach it, finds the sending pod, and hands every span to DeepFlow
 * with that pod's address in `app.host.ip`.
 *
 * The Service comes after the workload, so that a change of topology moves it to pods that are ready, and the old ones go last.
 */
export class OtelAgent extends pulumi.ComponentResource {
  /** Where applications send to: OTLP/gRPC on 4317 and OTLP/HTTP on 4318 of the Service. */
  readonly destination: Destination;
  readonly service: k8s.core.v1.Service;

  constructor(name: string, args: OtelAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:otel-agent:OtelAgent", name, {}, opts);

    const { namespace } = args;
    const plan = otelAgentPlan(args);
    const { labels, selector } = otelAgentLabels;
    const metadata = { namespace, labels };
    // ClusterRoles have no namespace: theirs is in the name, so that two installs do not share one.
    const clusterMetadata = { name: `deepflow-otel-${namespace}-otel-agent`, labels };
    const configYaml = collectorConfigYaml(plan);
    const configMapNamed = configMapName(configYaml);

    const created = args.createNamespace
      ? [
          new k8s.core.v1.Namespace(
            `${name}-namespace`,
            { metadata: { name: namespace, labels: { ...labels, ...podSecurityLabels("restricted") } } },
            { parent: this },
          ),
        ]
      : [];
    const inNamespace = { parent: this, dependsOn: created };

    const serviceAccount = new k8s.core.v1.ServiceAccount(
      `${name}-service-account`,
      { metadata: { ...metadata, name: "otel-agent" }, automountServiceAccountToken: false },
      inNamespace,
    );
    const access: pulumi.Resource[] = [];
    if (plan.watchesPods) {
      const clusterRole = new k8s.rbac.v1.ClusterRole(
        `${name}-cluster-role`,
        { metadata: clusterMetadata, rules: clusterRoleRules(plan.k8sAttributes, plan.dialect) },
        { parent: this },
      );
      access.push(
        new k8s.rbac.v1.ClusterRoleBinding(
          `${name}-cluster-role-binding`,
          {
            metadata: clusterMetadata,
            roleRef: {
              apiGroup: "rbac.authorization.k8s.io",
              kind: "ClusterRole",
              name: clusterMetadata.name,
            },
            subjects: [{ kind: "ServiceAccount", name: "otel-agent", namespace }],
          },
          { parent: this, dependsOn: [clusterRole, serviceAccount] },
        ),
      );
    }
    const configMap = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      {
        metadata: { ...metadata, name: configMapNamed },
        immutable: true,
        data: { [configKey]: configYaml },
      },
      inNamespace,
    );
    const networkPolicy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      { metadata: { ...metadata, name: "otel-agent" }, spec: networkPolicySpec({ ...plan, selector }) },
      inNamespace,
    );
    const workload = workloads[args.topology](
      name,
      {
        metadata,
        selector,
        gateway: args.gateway,
        pod: {
          ...plan,
          configMap: configMapNamed,
          image: imageReference(plan.image, args.imageRegistry),
          labels,
          serviceAccount: "otel-agent",
        },
      },
      { parent: this, dependsOn: [...created, serviceAccount, ...access, configMap, networkPolicy] },
    );
    this.service = new k8s.core.v1.Service(
      `${name}-service`,
      { metadata: { ...metadata, name: "otel-agent" }, spec: serviceSpec({ ...plan, selector }) },
      { parent: this, dependsOn: [...created, workload] },
    );
    this.destination = otelAgentDestination(namespace);

    this.registerOutputs({ destination: this.destination, service: this.service });
  }
}
