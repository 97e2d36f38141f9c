import { expect, test } from "vitest";
import { registrations } from "../../render/objects.ts";
import { stackFrom } from "../../stack.ts";

interface Service {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly type: string };
}

test("Pulumi waits for the endpoints of load balancers only: for each other Service that takes ten seconds", async () => {
  const config = { "deepflow-otel:otelWebStore": '{"frontEndType": "LoadBalancer"}' };
  const services = (await registrations(stackFrom(config), "await"))
    .filter(({ type }) => type === "kubernetes:core/v1:Service")
    .map(({ inputs }) => inputs as unknown as Service);
  const waitedFor = services.filter(
    ({ metadata }) => metadata.annotations?.["pulumi.com/skipAwait"] !== "true",
  );
  expect(services.length).toBeGreaterThan(10);
  expect(waitedFor.map(({ spec }) => spec.type)).toEqual(["LoadBalancer"]);
});
