import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";

test("a program of one's own registers the Collectors, the agent group, and an application that sends to them", async () => {
  const registered = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.set(`${type} ${name}`, inputs as Record<string, unknown>);
      return { id: name, state: { ...(inputs as Record<string, unknown>), stdout: "{}" } };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  pulumi.runtime.setAllConfig({ "project:controllerHost": "192.0.2.10" });
  await pulumi.runtime.runInPulumiStack(async () => {
    await import("own-program");
    return {};
  });
  await pulumi.runtime.disconnect();
  expect([...registered.keys()]).toEqual(
    expect.arrayContaining([
      "command:local:Command agent-group-default-apply",
      "deepflow-otel:otel-agent:OtelAgent otel-agent",
      "kubernetes:apps/v1:DaemonSet otel-agent-daemon-set",
    ]),
  );
  expect(registered.get("kubernetes:apps/v1:Deployment checkout")).toMatchObject({
    spec: {
      template: {
        spec: {
          containers: [
            {
              env: [
                {
                  name: "OTEL_EXPORTER_OTLP_ENDPOINT",
                  value: "http://otel-agent.open-telemetry:4317",
                },
                { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
              ],
            },
          ],
        },
      },
    },
  });
});
