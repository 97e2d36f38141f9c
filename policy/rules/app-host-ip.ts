import { load } from "js-yaml";
import { z } from "zod";
import { configKey } from "../../components/otel-agent/config-map.ts";
import { appHostIp, podIp } from "../../components/otel-agent/k8s-attributes.ts";
import type { KubernetesObject } from "../../render/objects.ts";
import { findingOf } from "../finding.ts";
import type { Rule } from "../rule.ts";

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

const collectorConfig = z.looseObject({
  processors: z.record(z.string(), z.unknown()).nullish(),
  service: z.looseObject({
    pipelines: z.record(z.string(), z.looseObject({ processors: z.array(z.string()).nullish() })),
  }),
});

const lookupConfig = z.looseObject({
  passthrough: z.boolean().optional(),
  extract: z.looseObject({ metadata: z.array(z.string()).nullish() }).nullish(),
});

const resourceConfig = z.looseObject({
  attributes: z.array(
    z.looseObject({ key: z.string(), from_attribute: z.string().optional(), action: z.string() }),
  ),
});

/**
 * Each traces pipeline of the Collector's configuration looks up the sender's pod and then writes its address
 * to `app.host.ip`, by which DeepFlow finds the pod. What batches before that loses the sender.
 */
export const appHostIpInPipelines: Rule = ({ stack: { otelAgent }, objects }) => {
  if (otelAgent === undefined) return [];
  return objects.flatMap((object) => {
    const text = object.kind === "ConfigMap" ? (object as ConfigMap).data?.[configKey] : undefined;
    if (text === undefined) return [];
    const config = collectorConfig.safeParse(load(text));
    if (!config.success) {
      const problem = `Its key ${configKey} is no Collector configuration with pipelines.`;
      return [findingOf(rule, object, problem, "Write one with a traces pipeline.")];
    }
    const { processors, service } = config.data;
    const pipelines = Object.entries(service.pipelines).filter(([name]) => /^traces(\/|$)/.test(name));
    if (pipelines.length === 0) {
      return [findingOf(rule, object, "It has no traces pipeline.", "Add service.pipelines.traces.")];
    }
    return pipelines.flatMap(([name, { processors: stages }]) => {
      const fault = pipelineFault(stages ?? [], processors ?? {});
      return fault === undefined ? [] : [findingOf(rule, object, ...fault, `pipeline ${name}`)];
    });
  });
};

const rule = "app-host-ip";

/** What is wrong with a pipeline and what to do, or undefined. */
function pipelineFault(
  stages: readonly string[],
  processors: Readonly<Record<string, unknown>>,
): [problem: string, advice: string] | undefined {
  const looksUp = (stage: string) => {
    if (!["k8s_attributes", "k8sattributes"].includes(typeOf(stage))) return false;
    const { passthrough, extract } = lookupConfig.parse(processors[stage] ?? {});
    return passthrough === true || (extract?.metadata?.includes(podIp) ?? false);
  };
  const writes = (stage: string) => {
    if (typeOf(stage) !== "resource") return false;
    const config = resourceConfig.safeParse(processors[stage]);
    return (
      config.success &&
      config.data.attributes.some(
        ({ key, from_attribute: from, action }) =>
          key === appHostIp && from === podIp && ["insert", "upsert"].includes(action),
      )
    );
  };
  const [lookup, write, batch] = [
    stages.findIndex(looksUp),
    stages.findIndex(writes),
    stages.findIndex((stage) => typeOf(stage) === "batch"),
  ];
  if (lookup < 0) {
    return [
      `No processor looks up ${podIp}, from which ${appHostIp} is made.`,
      `Add k8s_attributes with ${podIp} in extract.metadata, or with passthrough.`,
    ];
  }
  if (write < lookup) {
    return [
      `${appHostIp} is not set from ${podIp} after the look-up of the pod, so DeepFlow finds no pod for its spans.`,
      `After ${stages[lookup] ?? ""}, add a resource processor that inserts ${appHostIp} from ${podIp}.`,
    ];
  }
  if (batch >= 0 && batch < lookup) {
    return [
      `${stages[batch] ?? ""} comes before ${stages[lookup] ?? ""}: a batch does not know the connections of its spans.`,
      "Batch after the look-up, or in the exporter.",
    ];
  }
  return undefined;
}

function typeOf(component: string): string {
  return component.split("/")[0] ?? "";
}
