import { z } from "zod";
import { bool, labelKey, labelValue } from "../../schema/primitives.ts";
import { setting, settingsWithDefaults } from "../../schema/setting.ts";

/** What Prometheus and Grafana get to know of the Collectors (`deepflow-otel:otelAgent.monitoring`). */
export const monitoring = settingsWithDefaults(
  {
    prometheusOperator: setting(
      bool.default(false),
      "Whether a PodMonitor has Prometheus read the Collectors' metrics and a PrometheusRule has alerts on them, for clusters with the Prometheus Operator.",
    ),
    grafanaDashboard: setting(
      bool.default(false),
      'Whether a ConfigMap has a dashboard of the Collectors, with the label `grafana_dashboard: "1"` by which the sidecar of Grafana\'s chart finds it.',
    ),
    labels: setting(
      z.record(labelKey, labelValue).default({}),
      "a map of labels",
      "Labels of these objects, by which a Prometheus selects what it reads: for kube-prometheus-stack `release` with the name of its Helm release.",
    ),
  },
  "Alerts and a dashboard made from the Collectors' own metrics.",
);
