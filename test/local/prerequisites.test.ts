import { expect, test } from "vitest";
import { prerequisites } from "../../local/prerequisites.ts";
import { renderSettings } from "../../render/stack.ts";

async function ofStack(config: Record<string, string>) {
  return prerequisites(await renderSettings(config, "test"));
}

test("every Secret that pods refer to is made, each key with a value of its own", async () => {
  const { secrets } = await ofStack({ "deepflow-otel:springBootWebShop": "{}" });
  const made = secrets as unknown as {
    metadata: { name: string; namespace: string };
    stringData: Record<string, string>;
  }[];
  expect(made.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()).toEqual([
    "deepflow-otel-spring-demo/db-demo-root",
    "deepflow-otel-spring-demo/db-demo-users",
  ]);
  const values = made.flatMap(({ stringData }) => Object.values(stringData));
  expect(
    Object.keys(made.find(({ metadata }) => metadata.name === "db-demo-users")?.stringData ?? {}).sort(),
  ).toEqual(["mydemo-password", "nacos-password"]);
  expect(new Set(values).size).toBe(3);
});

test("every claim gets a volume of its size, and only it can take that", async () => {
  const { volumes } = await ofStack({ "deepflow-otel:otelWebStore": '{"persistence": {"size": "3Gi"}}' });
  expect(volumes).toMatchObject([
    {
      kind: "PersistentVolume",
      spec: {
        capacity: { storage: "3Gi" },
        claimRef: { namespace: "deepflow-otel-grpc-demo", name: "redis-cart-data" },
      },
    },
  ]);
});

test("a stack without demos needs nothing", async () => {
  expect(await ofStack({})).toEqual({ secrets: [], volumes: [] });
});
