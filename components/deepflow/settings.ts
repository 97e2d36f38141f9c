import { z } from "zod";
import { dnsLabel, httpUrl, labelKey, labelValue, port } from "../schema/primitives.ts";
import { setting, settings } from "../schema/setting.ts";

const types = {
  service: "the Service of the deepflow-agents",
  node: "the sender's node, where deepflow-agents use the host network",
  nodeLocalService: "a Service of this stack that stays on the node",
  url: "any URL",
};

/** How DeepFlow is reached, by name. */
export const destinationTypes = Object.keys(types) as DestinationType[];

/** How DeepFlow is reached. Each has its own price, which docs/topologies.md names. */
export type DestinationType = keyof typeof types;

function type<T extends DestinationType>(name: T) {
  return z.literal(name).meta({
    expected: `one of ${destinationTypes.join(", ")}`,
    description: `How DeepFlow is reached. ${Object.entries(types)
      .map(([name, description]) => `\`${name}\`: ${description}.`)
      .join(" ")}`,
  });
}

const namespace = setting(dnsLabel.default("deepflow"), "Namespace of the deepflow-agents.");
const servicePort = setting(port.default(80), "Port of the Service.");
const targetPort = setting(
  port.default(38086),
  "The deepflow-agents' own port (`inputs.integration.listen_port`).",
);

const compression = setting(
  z.enum(["none", "gzip"]).default("none"),
  "none or gzip",
  "Whether the Collector compresses what it sends. `gzip` saves nine bytes of ten, which pays between zones, and costs about a third more CPU per span, which does not pay within a node. deepflow-agents take no other.",
);

/** Where DeepFlow takes traces (`otelAgent.destination`). The defaults are those of DeepFlow's Helm chart. */
export const deepFlowSettings = z
  .discriminatedUnion("type", [
    settings(
      {
        type: type("service").default("service"),
        service: setting(dnsLabel.default("deepflow-agent"), "Service in front of the deepflow-agents."),
        namespace,
        port: servicePort,
        targetPort,
        compression,
      },
      "The Service of the deepflow-agents.",
    ),
    settings({ type: type("node"), targetPort, compression }, "The sender's node."),
    settings(
      {
        type: type("nodeLocalService"),
        namespace,
        port: servicePort,
        targetPort,
        compression,
        podSelector: setting(
          z.record(labelKey, labelValue).default({ app: "deepflow", component: "deepflow-agent" }),
          "a map of the deepflow-agents' pod labels",
          "Labels of the deepflow-agents' pods, for `nodeLocalService`.",
        ),
      },
      "A Service of this stack that stays on the node.",
    ),
    settings(
      {
        type: type("url"),
        url: setting(
          httpUrl,
          "the whole http:// or https:// URL that takes traces, without a password in it",
          "URL of trace requests, for type `url`. Nothing is appended to it. A Service of the cluster needs a host that ends with `.svc` or `.svc.cluster.local`: network policies see the `targetPort` behind it.",
        ),
        targetPort,
        compression,
      },
      "Any URL.",
    ),
  ])
  .prefault({})
  .meta({ expected: "a map of settings", description: "Where traces go." });

export type DeepFlowSettings = z.output<typeof deepFlowSettings>;
