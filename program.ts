import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AgentGroupConfig } from "./components/agent-group-config/agent-group-config.ts";
import { BaseGuard } from "./components/base/base-guard.ts";
import { exportDestination, type ExportedDestination } from "./components/base/exported-destination.ts";
import { NodeLocalService } from "./components/deepflow/node-local-service.ts";
import type { DemoOutputs } from "./components/demo/resolve.ts";
import { endpointUrl, protocolsWithBaseUrl, tracesUrl, type OtlpProtocol } from "./components/destination.ts";
import { HostCollector } from "./components/host-collector/host-collector.ts";
import { OtelAgent } from "./components/otel-agent/otel-agent.ts";
import { OtelWebStore } from "./components/otel-webstore/otel-webstore.ts";
import type { ClusterSettings } from "./components/ownership/cluster.ts";
import { SpringBootWebShop } from "./components/spring-boot-webshop/spring-boot-webshop.ts";
import { nextSteps } from "./next-steps.ts";
import type { Stack } from "./stack.ts";

/** What a stack tells its users. */
export interface Outputs {
  /** What to do now, step by step, for people. */
  readonly nextSteps: readonly string[];
  /**
   * Values for `OTEL_EXPORTER_OTLP_ENDPOINT` by `OTEL_EXPORTER_OTLP_PROTOCOL`: what applications may send to.
   */
  readonly otlpEndpoints: Readonly<Partial<Record<OtlpProtocol, string>>>;
  /**
   * Value for `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` with protocol `http/protobuf`. In topology `direct` it is
   * the only way in to deepflow-agents: SDKs append `/v1/traces` to the other variable, which they do not
   * know.
   */
  readonly otlpTracesEndpoint: string;
  /** The same for programs: what a stack that has this one as its base reads. */
  readonly destination?: ExportedDestination;
  readonly springBootWebShop?: DemoOutputs;
  readonly otelWebStore?: DemoOutputs;
}

/** What only the engine knows of a stack, or can do with it. */
export interface EngineOptions {
  /** Whether other stacks are known to have this one as their base. */
  readonly isBase?: boolean;
  /** What has to be made sure of before anything new is written; see ownership.ts. */
  readonly beforeCreate?: readonly pulumi.ResourceHook[];
}

/** Registers what a stack deploys. The engine calls it through deployment.ts, the renderer directly. */
export function deploy(stack: Stack, { isBase = false, beforeCreate = [] }: EngineOptions = {}): Outputs {
  const { applications, base, nodeLocalService, agentGroup, otelAgent, hostCollectors, demos } = stack;
  // Of the provider, for a new stack; of the components, for what comes to one that is there.
  const hooks = { beforeCreate: [...beforeCreate] };
  const provider = new k8s.Provider(
    "kubernetes",
    {
      ...clusterSettings(),
      // Names are fixed, so a changed ConfigMap must be an update; the default, a replacement, fails on the
      // name.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
    },
    { hooks },
  );
  // In the direction of the spans, DeepFlow first, so that the first of them are not lost.
  const dependsOn: pulumi.Resource[] = [];
  if (nodeLocalService) {
    dependsOn.push(new NodeLocalService("deepflow", nodeLocalService, { provider, hooks }));
  }
  if (agentGroup) dependsOn.push(new AgentGroupConfig("agent-group", agentGroup));
  for (const [name, args] of Object.entries(hostCollectors)) {
    new HostCollector(`host-collector-${name}`, args, { dependsOn: [...dependsOn] });
  }
  if (otelAgent) {
    dependsOn.push(new OtelAgent("otel-agent", otelAgent, { provider, hooks, dependsOn: [...dependsOn] }));
  }
  if (isBase) new BaseGuard("base", pulumi.getStack(), { dependsOn: [...dependsOn] });
  const { springBootWebShop, otelWebStore } = demos;
  const opts = { provider, hooks, dependsOn };
  return {
    nextSteps: nextSteps(stack, pulumi.getStack()),
    otlpEndpoints: Object.fromEntries(
      protocolsWithBaseUrl(applications).map((protocol) => [protocol, endpointUrl(applications, protocol)]),
    ),
    otlpTracesEndpoint: tracesUrl(applications),
    ...(base === undefined && { destination: exportDestination(applications) }),
    ...(springBootWebShop && {
      springBootWebShop: new SpringBootWebShop("spring-boot-webshop", springBootWebShop.args, opts).outputs,
    }),
    ...(otelWebStore && { otelWebStore: new OtelWebStore("otel-webstore", otelWebStore.args, opts).outputs }),
  };
}

/**
 * The cluster as `kubernetes:context`, `kubernetes:cluster` and `kubernetes:kubeconfig` say. Only Pulumi's
 * default provider reads those by itself; a stack that sets them must not end up on another cluster.
 */
export function clusterSettings(): ClusterSettings {
  const config = new pulumi.Config("kubernetes");
  const [context, cluster, kubeconfig] = [
    config.get("context"),
    config.get("cluster"),
    config.getSecret("kubeconfig"),
  ];
  return {
    ...(context !== undefined && { context }),
    ...(cluster !== undefined && { cluster }),
    ...(kubeconfig && { kubeconfig }),
  };
}
