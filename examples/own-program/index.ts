import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AgentGroupConfig } from "deepflow-otel/agent-group-config";
import { endpointUrl } from "deepflow-otel/destination";
import { OtelAgent } from "deepflow-otel/otel-agent";

const config = new pulumi.Config();

// Makes DeepFlow's agents listen. It runs the script `agent-group-config` of this program's package.json.
const agentGroup = new AgentGroupConfig("agent-group", {
  controller: { host: config.require("controllerHost"), port: config.getNumber("controllerPort") },
  transport: "http",
});

// Every argument has a default: an agent on every node, in the namespace open-telemetry.
const otelAgent = new OtelAgent("otel-agent", {}, { dependsOn: agentGroup });

// An application of your own sends to the Collectors, and comes after them.
new k8s.apps.v1.Deployment(
  "checkout",
  {
    metadata: { name: "checkout", namespace: "default" },
    spec: {
      selector: { matchLabels: { app: "checkout" } },
      template: {
        metadata: { labels: { app: "checkout" } },
        spec: {
          containers: [
            {
              name: "checkout",
              image: "registry.example.com/checkout:1.0.0",
              env: [
                {
                  name: "OTEL_EXPORTER_OTLP_ENDPOINT",
                  value: endpointUrl(otelAgent.destination, "grpc"),
                },
                { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
              ],
            },
          ],
        },
      },
    },
  },
  { dependsOn: otelAgent },
);
