import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { deepFlowAgent } from "./components/deepflow.ts";
import { endpointUrl } from "./components/destination.ts";
import { OtelAgent } from "./components/otel-agent/otel-agent.ts";
import type { Settings } from "./settings.ts";

/** What a stack tells its users. */
export interface Outputs {
  /** Values for `OTEL_EXPORTER_OTLP_ENDPOINT`, by `OTEL_EXPORTER_OTLP_PROTOCOL`. */
  readonly otlpEndpoints: Readonly<Record<"grpc" | "http/protobuf", string>>;
}

/** Registers everything that a stack's settings ask for. The engine calls it through index.ts, the renderer directly. */
export function deploy(settings: Settings): Outputs {
  const provider = new k8s.Provider("kubernetes", {
    ...cluster(),
    // Names are fixed, so a changed ConfigMap must be an update; the default, a replacement, fails on the name.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });

  const otelAgent = new OtelAgent(
    "otel-agent",
    {
      ...settings.otelAgent,
      destination: deepFlowAgent(settings.otelAgent.destination),
      imageRegistry: settings.images.registry,
    },
    { provider },
  );

  return {
    otlpEndpoints: {
      grpc: endpointUrl(otelAgent.destination, "grpc"),
      "http/protobuf": endpointUrl(otelAgent.destination, "http/protobuf"),
    },
  };
}

/**
 * The cluster as `kubernetes:context`, `kubernetes:cluster` and `kubernetes:kubeconfig` say. Only Pulumi's default provider reads
 * those by itself; a stack that sets them must not end up on another cluster.
 */
function cluster(): k8s.ProviderArgs {
  const config = new pulumi.Config("kubernetes");
  const [context, name, kubeconfig] = [
    config.get("context"),
    config.get("cluster"),
    config.getSecret("kubeconfig"),
  ];
  return {
    ...(context !== undefined && { context }),
    ...(name !== undefined && { cluster: name }),
    ...(kubeconfig && { kubeconfig: kubeconfig }),
  };
}
