import { z } from "zod";
import { bool, port } from "../schema/primitives.ts";
import { rule, setting, settings, settingsWithDefaults } from "../schema/setting.ts";

/**
 * Settings of DeepFlow's agent group (`deepflow-otel:agentGroup`). The group is left alone where a stack has
 * none.
 */
export const agentGroupSettings = settings(
  {
    name: setting(
      z
        .string()
        .regex(/^[^'\\]{1,64}$/)
        .optional(),
      "an agent group's name",
      "Name of the agent group; `default` where there is neither name nor id.",
    ),
    id: setting(
      z
        .string()
        .regex(/^(g-)?[0-9A-Za-z]{10}$/)
        .optional(),
      "an agent group's id, such as g- and ten characters",
      "Id of the agent group, where several have one name.",
    ),
    controller: settings(
      {
        host: setting(
          z.string().regex(/^[A-Za-z0-9][-A-Za-z0-9.:]*$/),
          "a host name or address",
          "Any node of the cluster, or `127.0.0.1` with a port-forward.",
        ),
        port: setting(port.default(30417), "The NodePort of deepflow-server's API, or the forwarded port."),
        timeoutSeconds: setting(
          z.int().min(1).max(600).default(30),
          "seconds, 1 to 600",
          "How long one call may take.",
        ),
      },
      "Where DeepFlow's controller is, seen from where Pulumi runs.",
    ),
    transport: setting(
      z.enum(["deepflow-ctl", "http"]).default("deepflow-ctl"),
      "deepflow-ctl or http",
      "How the controller is spoken to: by its tool, or by the HTTP API that the tool uses.",
    ),
    deepflowCtl: setting(
      z
        .string()
        .regex(/^[-\w./]+$/)
        .default("deepflow-ctl"),
      "a program's name or path",
      "The tool, looked for on PATH when it is needed; `metaflow-ctl` for the oldest servers.",
    ),
    integration: settingsWithDefaults(
      {
        enabled: setting(bool.default(true), "Whether deepflow-agents take OpenTelemetry data."),
        listenPort: setting(
          port.optional(),
          "Port that they listen on. Not managed unless it is set; it must be the port that their Service leads to.",
        ),
        traces: setting(
          bool.optional(),
          "Whether they keep traces: where they do not, they answer 200 and drop them. Not managed unless it is set.",
        ),
      },
      "What the agents of the group are to do.",
    ),
  },
  "DeepFlow's agent group.",
).refine(
  ...rule<{ name?: unknown; id?: unknown }>(
    ["id"],
    ({ name, id }) => name === undefined || id === undefined,
    () => "name says which group already; leave one of the two out",
  ),
);

export type AgentGroupSettings = z.output<typeof agentGroupSettings>;
