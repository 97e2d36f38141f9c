import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { OtelWebStore } from "../../components/otel-webstore/otel-webstore.ts";
import { SpringBootWebShop } from "../../components/spring-boot-webshop/spring-boot-webshop.ts";
import { kubernetesObjects, registrations, registrationsOf } from "../../render/objects.ts";
import { stackFrom } from "../../stack.ts";

const destination = otelAgentDestination("open-telemetry");
const namespaces = ["deepflow-otel-spring-demo", "deepflow-otel-grpc-demo"];

/** What a program registers in the demos' namespaces. */
async function objectsOf(program: () => unknown) {
  return kubernetesObjects(await registrationsOf(program, "test"));
}

describe("the demos' components in somebody else's program", () => {
  test("are with their defaults what a stack deploys with empty settings", async () => {
    const stack = stackFrom({
      "deepflow-otel:springBootWebShop": "{}",
      "deepflow-otel:otelWebStore": "{}",
    });
    const ofStack = kubernetesObjects(await registrations(stack, "test")).filter(
      ({ kind, metadata }) =>
        namespaces.includes(metadata.namespace ?? "") ||
        (kind === "Namespace" && namespaces.includes(metadata.name)),
    );
    const own = await objectsOf(() => {
      new SpringBootWebShop("shop", { destination });
      new OtelWebStore("store", { destination });
    });
    expect(own).toEqual(ofStack);
  });

  test("may be there twice, in two namespaces, under other names", async () => {
    const registered = await registrationsOf(() => {
      new OtelWebStore("one", { destination, namespace: "one" });
      new OtelWebStore("two", { destination, namespace: "two", persistence: {} });
    }, "test");
    expect(registered.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["one-namespace", "two-namespace", "two-redis-cart-claim"]),
    );
    expect(registered.map(({ name }) => name)).not.toContain("one-redis-cart-claim");
  });

  test("take passwords that only the engine knows", async () => {
    const objects = await objectsOf(() => {
      const database = { rootPassword: pulumi.secret("chosen"), mydemoPassword: "other" };
      new SpringBootWebShop("shop", { destination, database });
    });
    const contents = objects.filter(({ kind }) => kind === "Secret");
    expect(contents).toMatchObject([
      { metadata: { name: "db-demo-root" }, stringData: { password: "chosen" } },
      {
        metadata: { name: "db-demo-users" },
        stringData: { "mydemo-password": "other", "nacos-password": "nacos" },
      },
    ]);
  });

  test("say all that is wrong with their arguments, and register nothing", async () => {
    /** What a component's constructor throws, in a program that goes on. */
    const thrown = async (create: () => unknown) => {
      let said: unknown;
      const registered = await registrationsOf(() => {
        try {
          create();
        } catch (error) {
          said = error;
        }
      }, "test");
      expect(registered.filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
      expect(said).toBeInstanceOf(pulumi.RunError);
      return (said as Error).message;
    };
    const unknown = { nobody: { memory: "1Gi" } };
    expect(await thrown(() => new OtelWebStore("store", { destination, services: unknown }))).toContain(
      "services.nobody is no service of the OTel WebStore; write one of frontend, ",
    );
    expect(await thrown(() => new OtelWebStore("store", { destination, imageSet: "documents" }))).toContain(
      "OtelWebStore's imageTag is missing, but imageSet documents needs it",
    );
    const direct = { host: "deepflow-agent.deepflow", endpoints: {} };
    expect(
      await thrown(() => new OtelWebStore("store", { destination: direct, allServicesTraced: true })),
    ).toMatch(/allServicesTraced is true, but the SDKs of frontend, /);
  });
});
