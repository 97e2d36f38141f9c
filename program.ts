import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AgentGroupConfig } from "./components/agent-group-config/agent-group-config.ts";
import { deepFlowDestination } from "./components/deepflow/destination.ts";
import { nodeLocalService } from "./components/deepflow/node-local-service.ts";
import { endpointUrl, tracesUrl, type Destination, type OtlpProtocol } from "./components/destination.ts";
import type { DemoOutputs } from "./components/demo/resolve.ts";
import { OtelAgent } from "./components/otel-agent/otel-agent.ts";
import { OtelWebStore } from "./components/otel-webstore/otel-webstore.ts";
import { SpringBootWebShop } from "./components/spring-boot-webshop/spring-boot-webshop.ts";
import { telemetryDestination } from "./components/demos.ts";
import type { Settings } from "./settings.ts";

/** What a stack tells its users. */
export interface Outputs {
  /** Values for `OTEL_EXPORTER_OTLP_ENDPOINT` by `OTEL_EXPORTER_OTLP_PROTOCOL`: what applications may send to. */
  readonly otlpEndpoints: Readonly<Partial<Record<OtlpProtocol, string>>>;
  /**
   * Value for `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` with protocol `http/protobuf`. In topology `direct` it is the only way in:
   * SDKs append `/v1/traces` to the other variable, which DeepFlow does not know.
   */
  readonly otlpTracesEndpoint: string;
  readonly springBootWebShop?: DemoOutputs;
  readonly otelWebStore?: DemoOutputs;
}

/** Registers everything that a stack's settings ask for. The engine calls it through index.ts, the renderer directly. */
export function deploy(settings: Settings): Outputs {
  const { topology, otelAgent, agentGroup, images } = settings;
  const destination = telemetryDestination(settings);
  const provider = new k8s.Provider("kubernetes", {
    ...cluster(),
    // Names are fixed, so a changed ConfigMap must be an update; the default, a replacement, fails on the name.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });

  const deepFlow = deepFlowDestination(otelAgent.destination, otelAgent.namespace);
  if (otelAgent.destination.type === "nodeLocalService") {
    nodeLocalService("otel-agent", otelAgent.destination, otelAgent.namespace, { provider });
  }
  const listening =
    agentGroup && new AgentGroupConfig("agent-group", { ...agentGroup, destination: deepFlow });
  const receivers: pulumi.Resource[] = listening ? [listening] : [];
  if (topology !== "direct") {
    receivers.push(
      new OtelAgent(
        "otel-agent",
        { ...otelAgent, topology, destination: deepFlow, imageRegistry: images.registry },
        { provider, dependsOn: [...receivers] },
      ),
    );
  }
  return {
    ...endpoints(destination, topology === "direct" ? ["http/protobuf"] : []),
    ...demos(settings, { provider, dependsOn: receivers }),
  };
}

/** The demos come after whoever receives their spans, so that their first spans are not lost. */
function demos(
  settings: Settings,
  opts: pulumi.ComponentResourceOptions,
): Pick<Outputs, "springBootWebShop" | "otelWebStore"> {
  const { springBootWebShop: webShop, otelWebStore: webStore, images, grafana } = settings;
  const context = {
    destination: telemetryDestination(settings),
    imageRegistry: images.registry,
    grafanaUrl: grafana.url,
  };
  return {
    ...(webShop && {
      springBootWebShop: new SpringBootWebShop("spring-boot-webshop", { ...webShop, ...context }, opts)
        .outputs,
    }),
    ...(webStore && {
      otelWebStore: new OtelWebStore("otel-webstore", { ...webStore, ...context }, opts).outputs,
    }),
  };
}

function endpoints(destination: Destination, withoutBaseUrl: readonly OtlpProtocol[]): Outputs {
  const protocols = (Object.keys(destination.endpoints) as OtlpProtocol[]).filter(
    (protocol) => !withoutBaseUrl.includes(protocol),
  );
  return {
    otlpEndpoints: Object.fromEntries(
      protocols.map((protocol) => [protocol, endpointUrl(destination, protocol)]),
    ),
    otlpTracesEndpoint: tracesUrl(destination),
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
    ...(kubeconfig && { kubeconfig }),
  };
}
