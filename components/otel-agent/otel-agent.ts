import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../destination.ts";
import { podSecurityLabels, serviceAnnotations } from "../labels.ts";
import { ownerAnnotations } from "../ownership/annotation.ts";
import type { OtelAgentArgs } from "./args.ts";
import { collectorConfigYaml } from "./collector-config.ts";
import { configKey, configMapName } from "./config-map.ts";
import { otelAgentDestination } from "./destination.ts";
import { registerMonitoring } from "./monitoring/objects.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { clusterRoleRules } from "./rbac.ts";
import { resolveOtelAgent } from "./resolve.ts";
import { serviceSpec } from "./service.ts";
import { workloads } from "./workload.ts";

/**
 * The OpenTelemetry Collector as the documents deploy it, a workload and a Service `otel-agent` in the
 * namespace `open-telemetry`, made to work: it listens where pods reach it, finds the sending pod, and hands
 * every span to DeepFlow with that pod's address in `app.host.ip`.
 *
 * The Service comes after the workload, so that a change of topology moves it to pods that are ready, and the
 * old ones go last.
 */
export class OtelAgent extends pulumi.ComponentResource {
  /** Where applications send to: OTLP/gRPC on 4317 and OTLP/HTTP on 4318 of the Service. */
  readonly destination: Destination;
  readonly service: k8s.core.v1.Service;

  /**
   * @throws SettingsError with a sentence for each argument that cannot be used; nothing has been registered
   * then.
   */
  constructor(name: string, args: OtelAgentArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveOtelAgent(args);
    super("deepflow-otel:otel-agent:OtelAgent", name, {}, opts);
    const { namespace, topology, labels, selector } = resolved;
    const metadata = { namespace, labels };
    // ClusterRoles have no namespace: theirs is in the name, so that two installs do not share one.
    const clusterMetadata = { name: `deepflow-otel-${namespace}-otel-agent`, labels };
    const configYaml = collectorConfigYaml(resolved);
    const configMapNamed = configMapName(configYaml);

    const created = resolved.createNamespace
      ? [
          new k8s.core.v1.Namespace(
            `${name}-namespace`,
            {
              metadata: {
                name: namespace,
                labels: { ...labels, ...podSecurityLabels(resolved.podSecurity) },
                annotations: ownerAnnotations(),
              },
            },
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
    if (resolved.watchesPods) {
      const clusterRole = new k8s.rbac.v1.ClusterRole(
        `${name}-cluster-role`,
        { metadata: clusterMetadata, rules: clusterRoleRules(resolved.k8sAttributes, resolved.syntax) },
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
      { metadata: { ...metadata, name: "otel-agent" }, spec: networkPolicySpec(resolved) },
      inNamespace,
    );
    const workload = workloads[topology](
      name,
      {
        metadata,
        selector,
        gateway: resolved.gateway,
        pod: { ...resolved, configMap: configMapNamed, serviceAccount: "otel-agent" },
      },
      { parent: this, dependsOn: [...created, serviceAccount, ...access, configMap, networkPolicy] },
    );
    this.service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: {
          ...metadata,
          name: "otel-agent",
          annotations: { ...ownerAnnotations(), ...serviceAnnotations(resolved.serviceType) },
        },
        spec: serviceSpec(resolved),
      },
      { parent: this, dependsOn: [...created, workload] },
    );
    registerMonitoring(name, resolved, inNamespace);
    this.destination = otelAgentDestination(namespace);

    this.registerOutputs({ destination: this.destination, service: this.service });
  }
}
