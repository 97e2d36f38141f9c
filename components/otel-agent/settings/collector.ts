import { z } from "zod";
import { setting, settings } from "../../schema/setting.ts";
import { otelAgentSettings } from "./settings.ts";
import { topologyRules } from "./topology-rules.ts";

/** Settings of Collectors together with their topology, which some depend on. */
export const collectorSettings = settings(
  {
    topology: setting(
      z.enum(["agent", "gateway"]).default("agent"),
      "agent or gateway",
      "Where Collectors run.",
    ),
    otelAgent: otelAgentSettings,
  },
  "Collectors.",
).check(...topologyRules);
