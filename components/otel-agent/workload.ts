import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
  autoscalerSpec,
  disruptionBudgetSpec,
  gatewayCount,
  gatewaySpread,
  type GatewaySize,
} from "./gateway.ts";
import { podTemplate, type PodTemplateArgs } from "./pod-template.ts";
import type { QueueSettings } from "./queue.ts";
import type { CollectorTopology } from "./topology.ts";

/** What a topology's workload is registered from. */
export interface WorkloadArgs {
  readonly metadata: { readonly namespace: string; readonly labels: Record<string, string> };
  readonly selector: Record<string, string>;
  readonly pod: PodTemplateArgs;
  readonly gateway: GatewaySize;
}

type Register = (
  name: string,
  args: WorkloadArgs,
  opts: pulumi.CustomResourceOptions,
) => k8s.apps.v1.DaemonSet | k8s.apps.v1.Deployment;

/** Name of the workload, whatever its kind, as the documents have it. */
const workloadName = "otel-agent";

/** How each topology's pods are brought up. */
export const workloads: Readonly<Record<CollectorTopology, Register>> = {
  agent: (name, { metadata, selector, pod }, opts) =>
    new k8s.apps.v1.DaemonSet(
      `${name}-daemon-set`,
      {
        metadata: { ...metadata, name: workloadName },
        spec: {
          selector: { matchLabels: selector },
          updateStrategy: { type: "RollingUpdate", rollingUpdate: rollingUpdate(pod.queue) },
          template: podTemplate(pod),
        },
      },
      opts,
    ),
  gateway: (name, { metadata, selector, pod, gateway }, opts) => {
    const deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { ...metadata, name: workloadName },
        spec: {
          // Set by the autoscaler where there is one; a second writer would undo its work on every `up`.
          ...(!gateway.autoscaling && { replicas: gatewayCount(gateway) }),
          selector: { matchLabels: selector },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
          template: podTemplate({ ...pod, topologySpreadConstraints: gatewaySpread(selector) }),
        },
      },
      opts,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      { metadata: { ...metadata, name: workloadName }, spec: disruptionBudgetSpec(selector) },
      opts,
    );
    const autoscaler = autoscalerSpec(gateway, workloadName);
    if (autoscaler) {
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        { metadata: { ...metadata, name: workloadName }, spec: autoscaler },
        { ...opts, dependsOn: deployment },
      );
    }
    return deployment;
  },
};

/**
 * The new pod of a node is ready before the old one goes; on a node without room for both, the old one stays.
 * Two pods cannot share a queue on their node: there, the old one goes first.
 */
function rollingUpdate({ storage }: QueueSettings) {
  return storage === "node" ? { maxSurge: 0, maxUnavailable: "10%" } : { maxSurge: "10%", maxUnavailable: 0 };
}
