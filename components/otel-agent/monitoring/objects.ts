import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { ports } from "../ports.ts";
import { prometheusRuleSpec } from "./alerts.ts";
import { dashboard } from "./dashboard.ts";
import type { Monitored } from "./metrics.ts";

/** What is to be deployed for Prometheus and Grafana, and with which labels. */
export interface MonitoringArgs extends Monitored {
  readonly selector: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly monitoring: {
    readonly prometheusOperator: boolean;
    readonly grafanaDashboard: boolean;
    readonly labels: Readonly<Record<string, string>>;
  };
}

/** How often Prometheus reads the metrics: twice within the shortest time that an alert waits for. */
const scrapeInterval = "30s";

/** Registers what makes Prometheus read the Collectors' metrics, the alerts on them, and their dashboard. */
export function registerMonitoring(
  name: string,
  args: MonitoringArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const { namespace, monitoring, selector } = args;
  const metadata = { namespace, name: "otel-agent", labels: { ...args.labels, ...monitoring.labels } };
  const apiVersion = "monitoring.coreos.com/v1";
  if (monitoring.prometheusOperator) {
    const podMetricsEndpoints = [{ port: ports.metrics.name, interval: scrapeInterval }];
    new k8s.apiextensions.CustomResource(
      `${name}-pod-monitor`,
      {
        apiVersion,
        kind: "PodMonitor",
        metadata,
        spec: { selector: { matchLabels: { ...selector } }, podMetricsEndpoints },
      },
      opts,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-prometheus-rule`,
      { apiVersion, kind: "PrometheusRule", metadata, spec: prometheusRuleSpec(args) },
      opts,
    );
  }
  if (monitoring.grafanaDashboard) {
    new k8s.core.v1.ConfigMap(
      `${name}-dashboard`,
      {
        metadata: {
          namespace,
          name: "otel-agent-dashboard",
          labels: { ...metadata.labels, grafana_dashboard: "1" },
        },
        data: { "otel-agent.json": `${JSON.stringify(dashboard(args), undefined, 2)}\n` },
      },
      opts,
    );
  }
}
