import { z } from "zod";
import { deepFlowSettings } from "../../deepflow/settings.ts";
import { bool, dnsLabel, dnsSubdomain, labelKey, labelValue } from "../../schema/primitives.ts";
import { setting, settings, settingsWithDefaults } from "../../schema/setting.ts";
import { defaultVersion } from "../collector-version.ts";
import { k8sAttributes, type K8sAttribute } from "../k8s-attributes.ts";
import { exporters, processors } from "./custom-components.ts";
import { gateway } from "./gateway.ts";
import { image } from "./image.ts";
import { monitoring } from "./monitoring.ts";
import { queue } from "./queue.ts";
import { receivers } from "./receivers.ts";
import { resources } from "./resources.ts";
import { collectorRules } from "./rules.ts";
import { httpAttributes, resourceAttributes, sampling } from "./spans.ts";
import { toleration } from "./toleration.ts";

const attributeNames = Object.keys(k8sAttributes) as [K8sAttribute, ...K8sAttribute[]];

const attributesExpected = `one of ${attributeNames.join(", ")}`;

/** Settings of the Collector (`deepflow-otel:otelAgent`). */
export const otelAgentSettings = settingsWithDefaults(
  {
    namespace: setting(dnsLabel.default("open-telemetry"), "Namespace of the Collector."),
    createNamespace: setting(
      bool.default(true),
      "Whether the stack owns the namespace. `false` for one that exists already.",
    ),
    image,
    resources,
    k8sAttributes: setting(
      z
        .array(setting(z.enum(attributeNames), attributesExpected, "An attribute of the sending pod."))
        .default([
          "k8s.namespace.name",
          "k8s.pod.name",
          "k8s.pod.uid",
          "k8s.node.name",
          "k8s.deployment.name",
          "k8s.statefulset.name",
          "k8s.daemonset.name",
        ]),
      `a list, each item ${attributesExpected}`,
      "What is looked up about the sending pod, besides `k8s.pod.ip`. RBAC follows it.",
    ),
    resourceAttributes,
    selfMetrics: setting(
      bool.default(false),
      "Whether the Collector offers its own metrics to Prometheus, on port 8888.",
    ),
    monitoring,
    receivers,
    tolerations: setting(
      z.array(toleration).optional(),
      "a list of tolerations as in a pod",
      "Which taints the Collector tolerates. All for an agent, because its Service is node-local and every node with senders needs one; none for a gateway.",
    ),
    nodeSelector: setting(
      z.record(labelKey, labelValue).default({ "kubernetes.io/os": "linux" }),
      "a map of node labels",
      "Nodes that get a Collector.",
    ),
    priorityClassName: setting(
      dnsSubdomain.optional(),
      "the name of a PriorityClass",
      "Priority class of the pods, for example `system-node-critical`.",
    ),
    preStopSleepSeconds: setting(
      z.int().min(0).max(300).default(10),
      "a whole number of seconds from 0 to 300",
      "How long a Collector that is told to end goes on receiving, so that no span is sent to one that no longer listens: as long as the slowest kube-proxy takes to follow a change of endpoints, and, where an agent is deleted or evicted, as long as the node takes to have the next one ready. `0` on Kubernetes before 1.30, which does not know `lifecycle.preStop.sleep`; a rollout then loses spans.",
    ),
    version: setting(
      z
        .string()
        .regex(/^\d+\.\d+\.\d+$/)
        .optional(),
      `a version of the Collector, such as ${defaultVersion}`,
      "Version that the configuration is written for, where the image's tag does not name it.",
    ),
    association: setting(
      z.enum(["connection", "resource", "passthrough"]).optional(),
      "connection, resource or passthrough",
      "How the sending pod is found: by the `connection` (default of an agent); by what the span's `resource` says, then by the connection (default of a gateway, and for a load balancer in between); or `passthrough`, the connection's address without any look-up or RBAC.",
    ),
    serviceType: setting(
      z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).default("ClusterIP"),
      "ClusterIP, NodePort or LoadBalancer",
      "Type of the Service. Senders behind a NodePort or load balancer need association `resource`.",
    ),
    gateway,
    queue,
    httpAttributes,
    sampling,
    processors,
    exporters,
    secretEnv: setting(
      z
        .record(
          z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
          settings(
            {
              secret: setting(dnsSubdomain, "the name of a Secret", "Secret in the Collector's namespace."),
              key: setting(z.string().min(1), "a key of the Secret", "Key in the Secret."),
            },
            "A key of a Secret.",
          ),
        )
        .default({}),
      "a map from an environment variable to a secret and its key",
      "Environment variables from Secrets that exist already.",
    ),
    destination: deepFlowSettings,
  },
  "The OpenTelemetry Collector on every node.",
)
  .refine(...collectorRules.createNamespace)
  .refine(...collectorRules.version)
  .refine(...collectorRules.oldVersion)
  .refine(...collectorRules.exporters)
  .refine(...collectorRules.monitoring);

export type OtelAgentSettings = z.output<typeof otelAgentSettings>;
