import { expect, test } from "vitest";
import { stackAnnotation } from "../../components/ownership/annotation.ts";
import { conflicts } from "../../components/ownership/conflicts.ts";
import { claimedObjects } from "../../ownership.ts";
import { objectsOf } from "../../render/objects.ts";
import { stackFrom } from "../../stack.ts";

const stacks = {
  "with everything": {
    "deepflow-otel:otelAgent": '{"destination": {"type": "nodeLocalService"}}',
    "deepflow-otel:springBootWebShop": "{}",
    "deepflow-otel:otelWebStore": '{"namespace": "store"}',
  },
  "in a namespace of somebody else": { "deepflow-otel:otelAgent": '{"createNamespace": false}' },
};

const ofStack = (stack: string) => ({ metadata: { annotations: { [stackAnnotation]: stack } } });

test.each(Object.entries(stacks))(
  "a stack %s says on each object that it claims whose it is",
  async (_, config) => {
    const stack = stackFrom(config);
    const objects = await objectsOf(stack, "dev");
    const claimed = claimedObjects(stack).map(({ kind, metadata }) => ({ kind, ...metadata }));
    const marked = objects
      .filter(
        ({ metadata }) =>
          (metadata as { annotations?: Record<string, string> }).annotations?.[stackAnnotation] ===
          "deepflow-otel/dev",
      )
      .map(({ kind, metadata: { name, namespace } }) => ({
        kind,
        name,
        ...(namespace !== undefined && { namespace }),
      }));
    expect(marked).toEqual(expect.arrayContaining(claimed));
    // Namespaces are whose all that is in them is.
    const namespaces = objects
      .filter(({ kind }) => kind === "Namespace")
      .map(({ metadata }) => metadata.name);
    expect(
      claimed
        .filter(({ kind }) => kind === "Namespace")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(namespaces.sort());
  },
);

test("an object of another stack is told by its name, with its owner and what to set", () => {
  const claimed = claimedObjects(stackFrom(stacks["with everything"]));
  const found = claimed.map(() => ofStack("deepflow-otel/prod"));
  expect(conflicts(claimed, found, "deepflow-otel/dev")).toEqual([
    "Namespace open-telemetry belongs to the stack deepflow-otel/prod; set deepflow-otel:otelAgent.namespace to another name, or deepflow-otel:base to that stack if only its Collectors are needed.",
    "Service deepflow/deepflow-agent-for-open-telemetry belongs to the stack deepflow-otel/prod; set deepflow-otel:otelAgent.namespace to another name.",
    "Namespace deepflow-otel-spring-demo belongs to the stack deepflow-otel/prod; set deepflow-otel:springBootWebShop.namespace to another name.",
    "Namespace store belongs to the stack deepflow-otel/prod; set deepflow-otel:otelWebStore.namespace to another name.",
  ]);
});

test("own objects, those of nobody, and those that are not there are no conflict", () => {
  const [namespace] = claimedObjects(stackFrom({}));
  const claimed = namespace ? [namespace, namespace, namespace] : [];
  expect(claimed).toHaveLength(3);
  expect(
    conflicts(claimed, [ofStack("deepflow-otel/dev"), { metadata: {} }, undefined], "deepflow-otel/dev"),
  ).toEqual([]);
});
