import { z } from "zod";
import {
  dnsLabel,
  dnsLabelExpected,
  httpUrl,
  labelKey,
  labelValue,
  port,
  portExpected,
  inWords,
  rule,
  setting,
  settingsWithDefaults,
} from "../schema.ts";

/** How DeepFlow is reached. Each has its own price, which docs/topologies.md names. */
export const destinationTypes = ["service", "node", "nodeLocalService", "url"] as const;

/** Where DeepFlow takes traces (`otelAgent.destination`). The defaults are those of DeepFlow's Helm chart. */
export const deepFlowSettings = settingsWithDefaults(
  {
    type: setting(
      z.enum(destinationTypes).default("service"),
      `one of ${destinationTypes.join(", ")}`,
      "`service`: the Service of the deepflow-agents. `node`: the sender's node, where deepflow-agents use the host network. `nodeLocalService`: a Service of this stack that stays on the node. `url`: any URL.",
    ),
    service: setting(
      dnsLabel.default("deepflow-agent"),
      dnsLabelExpected,
      "Service in front of the deepflow-agents.",
    ),
    namespace: setting(dnsLabel.default("deepflow"), dnsLabelExpected, "Namespace of the deepflow-agents."),
    port: setting(port.default(80), portExpected, "Port of the Service."),
    targetPort: setting(
      port.default(38086),
      portExpected,
      "The deepflow-agents' own port (`inputs.integration.listen_port`).",
    ),
    podSelector: setting(
      z.record(labelKey, labelValue).default({ app: "deepflow", component: "deepflow-agent" }),
      "a map of the deepflow-agents' pod labels",
      "Labels of the deepflow-agents' pods, for `nodeLocalService`.",
    ),
    url: setting(
      httpUrl.optional(),
      "the whole http:// or https:// URL that takes traces, without a password in it",
      "URL of trace requests, for type `url`. Nothing is appended to it. A Service of the cluster needs a host that ends with `.svc` or `.svc.cluster.local`: network policies see the `targetPort` behind it.",
    ),
  },
  "Where traces go.",
)
  .refine(
    ...rule<{ type?: unknown; url?: unknown }>(
      ["url"],
      ({ type, url }) => type !== "url" || url !== undefined,
      () => "type url needs it; write the whole URL that takes traces, or another type",
    ),
  )
  .refine(
    ...rule<{ type?: unknown; url?: unknown }>(
      ["url"],
      ({ type, url }) => type === "url" || url === undefined,
      ({ type }) => `type ${inWords(type)} does not use it; write type url, or leave the URL out`,
    ),
  );

export type DeepFlowSettings = z.output<typeof deepFlowSettings>;
