import { appHostIp, podIp } from "./k8s-attributes.ts";
import type { CollectorTopology } from "./topology.ts";
import { transformName } from "./transform.ts";

/**
 * Configurations of a stack's own components by name (`type` or `type/name`), as the Collector's file has
 * them.
 */
export type Components = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

/**
 * Component types of which the stack's pipeline has its own, under exactly these names or as the only one.
 */
const customProcessors = [
  "memory_limiter",
  "k8sattributes",
  "k8s_attributes",
  "batch",
  "probabilistic_sampler",
];
const hasCustomExporters = ["otlphttp", "otlp_http"];

/** How many Collectors may get spans of one trace. */
interface Spread {
  readonly topology: CollectorTopology;
  readonly collectors: number;
}

/**
 * Why a stack's own processor cannot be used, as the rest of a sentence; `undefined` if it can. They all come
 * after `app.host.ip` is set, so what could break it is one that changes or drops resource attributes.
 */
export function processorProblem(name: string, config: unknown, spread: Spread): string | undefined {
  const [type = ""] = name.split("/");
  const text = JSON.stringify(config ?? {});
  return processorRules
    .map((rule) => rule({ name, type, text, ...spread }))
    .find((problem) => problem !== undefined);
}

interface Processor extends Spread {
  readonly name: string;
  readonly type: string;
  /** Its configuration as JSON. */
  readonly text: string;
}

/**
 * Ways in which a processor can break `app.host.ip`, or a trace, that its name and configuration give away.
 */
const processorRules: readonly ((processor: Processor) => string | undefined)[] = [
  ({ name, type }) =>
    customProcessors.includes(type) ||
    ["resource", "resource/pre", "resource/post", transformName].includes(name)
      ? `${name} is a processor that the stack has itself; use its settings, or another name`
      : undefined,
  ({ name, text }) => {
    const touched = [appHostIp, podIp].find((attribute) => text.includes(attribute));
    return (
      touched && `${name} touches ${touched}, by which DeepFlow finds the pod; leave that attribute alone`
    );
  },
  ({ name, type, text }) =>
    type === "redaction" && !text.includes('"allow_all_keys":true')
      ? `${name} removes every attribute that it does not list, ${appHostIp} too; set allow_all_keys to true and block values instead`
      : undefined,
  ({ name, type, text }) =>
    type === "transform" &&
    /(keep_keys|keep_matching_keys|delete_matching_keys)\(\s*(resource\.)?attributes/.test(text)
      ? `${name} removes attributes by pattern, ${appHostIp} may be among them; delete single keys instead`
      : undefined,
  ({ name, type }) =>
    type === "groupbyattrs"
      ? `${name} moves spans to other resources, whose ${appHostIp} may be another pod's; group in the backend instead`
      : undefined,
  ({ name, type, topology, collectors }) =>
    ["tail_sampling", "groupbytrace"].includes(type) && collectors > 1
      ? `${name} needs every span of a trace in one Collector, and topology ${topology} may have several; use a gateway with one replica, or otelAgent.sampling`
      : undefined,
];

/** Why a stack's own exporter cannot be used, as the rest of a sentence; `undefined` if it can. */
export function exporterProblem(name: string): string | undefined {
  return hasCustomExporters.includes(name)
    ? `${name} is the exporter to DeepFlow; call this one ${name}/ and a name`
    : undefined;
}
