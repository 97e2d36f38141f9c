import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../labels.ts";
import { ownerAnnotations } from "../ownership/annotation.ts";
import { nodeLocalServiceName } from "./destination.ts";

/**
 * What a `NodeLocalService` is made from. The defaults of a stack's settings are those of DeepFlow's Helm
 * chart.
 */
export interface NodeLocalServiceArgs {
  /** Namespace of the deepflow-agents. */
  readonly namespace: string;
  /** Port of the Service. */
  readonly port: number;
  /** The deepflow-agents' own port. */
  readonly targetPort: number;
  /** Labels of the deepflow-agents' pods. */
  readonly podSelector: Readonly<Record<string, string>>;
  /** Namespace of the stack, by which the Services of several are told apart. */
  readonly stackNamespace: string;
}

/**
 * A Service in front of the deepflow-agents that never leaves the sender's node: with the chart's own Service
 * a span crosses nodes a second time, from the Collector to some other node's deepflow-agent.
 */
export class NodeLocalService extends pulumi.ComponentResource {
  constructor(name: string, args: NodeLocalServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:deepflow:NodeLocalService", name, {}, opts);
    const { namespace, port, targetPort, podSelector, stackNamespace } = args;
    const { labels } = standardLabels("deepflow-agent", "deepflow-agent");
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: {
          name: nodeLocalServiceName(stackNamespace),
          namespace,
          labels,
          annotations: ownerAnnotations(),
        },
        spec: {
          type: "ClusterIP",
          internalTrafficPolicy: "Local",
          selector: { ...podSelector },
          ports: [{ name: "receive", port, targetPort, protocol: "TCP", appProtocol: "http" }],
        },
      },
      {
        parent: this,
        // It was the stack's own child, under the Collector's name.
        aliases: [{ name: "otel-agent-deepflow-service", parent: pulumi.rootStackResource }],
      },
    );
    this.registerOutputs({});
  }
}
