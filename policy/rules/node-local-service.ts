import type { KubernetesObject } from "../../render/objects.ts";
import { findingOf } from "../finding.ts";
import { podsOf, selects } from "../pods.ts";
import type { Rule } from "../rule.ts";

interface Service extends KubernetesObject {
  readonly spec: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly internalTrafficPolicy?: string;
  };
}

/**
 * In topology `agent`, each Service in front of the Collectors stays on the node: a Collector knows the pods
 * of its own node only, and a span of another node's pod loses its pod without a word.
 */
export const nodeLocalService: Rule = ({ stack: { otelAgent }, objects }) => {
  if (otelAgent === undefined || (otelAgent.topology ?? "agent") !== "agent") return [];
  const services = objects.filter((object): object is Service => object.kind === "Service");
  return podsOf(objects)
    .filter(({ object }) => object.kind === "DaemonSet")
    .flatMap(({ object, labels }) => {
      const before = services.filter(
        ({ metadata, spec: { selector } }) =>
          metadata.namespace === object.metadata.namespace && selector && selects(selector, labels),
      );
      if (before.length === 0) {
        const problem = "No Service selects the Collectors' pods, so nothing can send to them.";
        return [findingOf(rule, object, problem, "Make the Service's selector match the pods' labels.")];
      }
      return before
        .filter(({ spec }) => spec.internalTrafficPolicy !== "Local")
        .map((service) =>
          findingOf(
            rule,
            service,
            `Its internalTrafficPolicy is ${service.spec.internalTrafficPolicy ?? "Cluster"}: a span can reach another node's Collector, which does not know the sender's pod.`,
            "Set spec.internalTrafficPolicy to Local.",
          ),
        );
    });
};

const rule = "node-local-service";
