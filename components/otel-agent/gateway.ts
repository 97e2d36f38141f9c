import type * as k8s from "@pulumi/kubernetes";

/** How many gateways there are: a number, or a range that follows their CPU. */
export interface GatewaySize {
  /** Default: 2, so that one may go. */
  readonly replicas?: number | undefined;
  readonly autoscaling?:
    | {
        readonly minReplicas: number;
        readonly maxReplicas: number;
        /** Percent of the requested CPU. */
        readonly targetCpuUtilization: number;
      }
    | undefined;
}

/** How many gateways there are at most. */
export function gatewayCount({ replicas = 2, autoscaling }: GatewaySize): number {
  return autoscaling?.maxReplicas ?? replicas;
}

type Labels = Readonly<Record<string, string>>;

/**
 * Gateways on as many nodes and zones as there are; `ScheduleAnyway`, because a cluster with one node needs
 * them too.
 */
export function gatewaySpread(selector: Labels): k8s.types.input.core.v1.TopologySpreadConstraint[] {
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { ...selector } },
  }));
}

/**
 * A drain takes one gateway at a time. `maxUnavailable`, not `minAvailable`: a single gateway must not block
 * a drain for ever.
 */
export function disruptionBudgetSpec(selector: Labels): k8s.types.input.policy.v1.PodDisruptionBudgetSpec {
  return { maxUnavailable: 1, selector: { matchLabels: { ...selector } } };
}

/** The autoscaler of the gateways; `undefined` where their number is fixed. */
export function autoscalerSpec(
  { autoscaling }: GatewaySize,
  deployment: string,
): k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec | undefined {
  if (!autoscaling) return undefined;
  const { minReplicas, maxReplicas, targetCpuUtilization } = autoscaling;
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicas,
    maxReplicas,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCpuUtilization } },
      },
    ],
  };
}
