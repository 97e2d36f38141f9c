import { z } from "zod";
import { inWords, rule, setting, settings, settingsWithDefaults } from "../../schema/setting.ts";

/** Settings of topology `gateway` (`otelAgent.gateway`). */
export const gateway = settingsWithDefaults(
  {
    replicas: setting(
      z.int().min(1).max(1000).optional(),
      "a whole number from 1 to 1000",
      "Number of gateways; 2 where there is no autoscaling.",
    ),
    autoscaling: settings(
      {
        minReplicas: setting(z.int().min(1).default(2), "a whole number from 1", "Gateways at least."),
        maxReplicas: setting(z.int().min(1), "a whole number from 1", "Gateways at most."),
        targetCpuUtilization: setting(
          z.int().min(1).max(100).default(70),
          "a percentage, 1 to 100",
          "Share of the requested CPU, in percent, that the autoscaler aims at.",
        ),
      },
      "A HorizontalPodAutoscaler instead of a fixed number of gateways.",
    )
      .refine(
        ...rule<{ minReplicas?: unknown; maxReplicas?: unknown }>(
          ["maxReplicas"],
          ({ minReplicas, maxReplicas }) =>
            typeof minReplicas !== "number" || typeof maxReplicas !== "number" || minReplicas <= maxReplicas,
          ({ minReplicas }) => `minReplicas is ${inWords(minReplicas)}; write no less than that`,
        ),
      )
      .optional(),
  },
  "Gateways, in topology `gateway`.",
).refine(
  ...rule<{ replicas?: unknown; autoscaling?: unknown }>(
    ["replicas"],
    ({ replicas, autoscaling }) => replicas === undefined || autoscaling === undefined,
    () => "autoscaling decides the number of gateways; leave one of the two out",
  ),
);
