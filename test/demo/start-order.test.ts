import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { callGraph } from "../../components/demo/call-graph.ts";
import { deploy } from "../../program.ts";
import { stackFrom } from "../../stack.ts";
import { webShop, webStore } from "./demos.ts";

/** The part of a request to the engine that says what must be there first; only internals have it. */
interface Request {
  getName(): string;
  getDependenciesList(): string[];
}
interface Monitor {
  registerResource(request: Request, ...rest: unknown[]): unknown;
}

/** What the engine is told that each resource waits for, by names. */
const dependencies = new Map<string, string[]>();

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, ...rest) => {
    const names = request.getDependenciesList().map((urn) => urn.slice(urn.lastIndexOf("::") + 2));
    dependencies.set(request.getName(), names);
    return register(request, ...rest);
  };
  const both = { "deepflow-otel:springBootWebShop": "{}", "deepflow-otel:otelWebStore": "{}" };
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(deploy(stackFrom(both))));
  await pulumi.runtime.disconnect();
});

test.each([
  ["spring-boot-webshop", webShop()],
  ["otel-webstore", webStore()],
] as const)(
  "in %s, a service's pods, and nothing else of it, wait for those of every service that it calls",
  (name, demo) => {
    const workload = (service: string) =>
      `${name}-${service}-${demo.services[service]?.data ? "stateful-set" : "deployment"}`;
    for (const { from, to } of callGraph(demo)) {
      expect(dependencies.get(workload(from)), `${from} → ${to}`).toContain(workload(to));
      const others = [...dependencies].filter(
        ([resource, before]) =>
          resource.startsWith(`${name}-${from}`) &&
          resource !== workload(from) &&
          before.includes(workload(to)),
      );
      expect(others, `${from} → ${to}`).toEqual([]);
    }
  },
);

test("the demos wait for the Collector, and everything of theirs for its namespace", () => {
  expect(dependencies.get("spring-boot-webshop")).toContain("otel-agent-daemon-set");
  for (const name of ["spring-boot-webshop", "otel-webstore"]) {
    for (const [resource, before] of dependencies) {
      const isService = resource.startsWith(`${name}-`) && !/-(namespace|root-password)$/.test(resource);
      const isChild = /-(deployment|stateful-set|service|headless-service|network-policy|files|claim)$/.test(
        resource,
      );
      if (isService && !isChild) expect(before, resource).toContain(`${name}-namespace`);
    }
  }
});
