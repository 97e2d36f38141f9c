import * as pulumi from "@pulumi/pulumi";
import { nodeLocalServiceName } from "./components/deepflow/destination.ts";
import { resolveOtelAgent } from "./components/otel-agent/resolve.ts";
import { ownStack } from "./components/ownership/annotation.ts";
import { readObjects, type ClusterSettings } from "./components/ownership/cluster.ts";
import { conflicts, type ClaimedObject } from "./components/ownership/conflicts.ts";
import { keyOf } from "./settings.ts";
import type { Stack, StackDemo } from "./stack.ts";

/** The objects by which two stacks on one cluster would meet. */
export function claimedObjects({ otelAgent, nodeLocalService, demos }: Stack): ClaimedObject[] {
  const claimed: ClaimedObject[] = [];
  const another = (key: readonly string[]) => `set ${keyOf(key)} to another name`;
  if (otelAgent) {
    const { namespace, createNamespace } = resolveOtelAgent(otelAgent);
    const otherwise = `${another(["otelAgent", "namespace"])}, or ${keyOf(["base"])} to that stack if only its Collectors are needed`;
    claimed.push(
      createNamespace
        ? { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, otherwise }
        : { apiVersion: "v1", kind: "Service", metadata: { name: "otel-agent", namespace }, otherwise },
    );
  }
  if (nodeLocalService) {
    const { namespace, stackNamespace } = nodeLocalService;
    const metadata = { name: nodeLocalServiceName(stackNamespace), namespace };
    const otherwise = another(["otelAgent", "namespace"]);
    claimed.push({ apiVersion: "v1", kind: "Service", metadata, otherwise });
  }
  for (const [key, { demo }] of Object.entries(demos) as [string, StackDemo][]) {
    const metadata = { name: demo.namespace };
    claimed.push({
      apiVersion: "v1",
      kind: "Namespace",
      metadata,
      otherwise: another([key, "namespace"]),
    });
  }
  return claimed;
}

/**
 * A hook for the resources that everything else of a stack comes after: before one of them is created, in a
 * preview too, it makes sure that none of the stack's objects belongs to another stack. `pulumi up` would
 * otherwise find out half-way.
 */
export function refuseOthersObjects(stack: Stack, cluster: ClusterSettings): pulumi.ResourceHook {
  const own = ownStack();
  let checked: Promise<string[]> | undefined;
  const check = async () => {
    const claimed = claimedObjects(stack);
    const found = await readObjects(claimed, cluster);
    return found === undefined ? [] : conflicts(claimed, found, own);
  };
  return new pulumi.ResourceHook(
    "refuse-others-objects",
    async () => {
      const sentences = await (checked ??= check());
      if (sentences.length > 0) throw new Error(sentences.join("\n"));
    },
    { onDryRun: true },
  );
}
