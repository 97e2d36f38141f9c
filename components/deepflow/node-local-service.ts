import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../labels.ts";
import { nodeLocalServiceName } from "./destination.ts";
import type { DeepFlowSettings } from "./settings.ts";

/**
 * A Service in front of the deepflow-agents that never leaves the sender's node: with the chart's own Service a span
 * crosses nodes a second time, from the Collector to some other node's deepflow-agent.
 */
export function nodeLocalService(
  name: string,
  settings: DeepFlowSettings,
  stackNamespace: string,
  opts: pulumi.ResourceOptions,
): k8s.core.v1.Service {
  const { namespace, port, targetPort, podSelector } = settings;
  const { labels } = standardLabels("deepflow-agent", "deepflow-agent");
  return new k8s.core.v1.Service(
    `${name}-deepflow-service`,
    {
      metadata: { name: nodeLocalServiceName(stackNamespace), namespace, labels },
      spec: {
        type: "ClusterIP",
        internalTrafficPolicy: "Local",
        selector: podSelector,
        ports: [{ name: "receive", port, targetPort, protocol: "TCP", appProtocol: "http" }],
      },
    },
    opts,
  );
}
