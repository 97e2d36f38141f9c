import { expect, test } from "vitest";
import { exportDestination, importDestination } from "../../components/base/exported-destination.ts";
import { stackFrom } from "../../stack.ts";

const destinations = {
  agent: { "deepflow-otel:topology": "agent" },
  direct: { "deepflow-otel:topology": "direct" },
  "direct, by the node": {
    "deepflow-otel:topology": "direct",
    "deepflow-otel:otelAgent": '{"destination": {"type": "node"}}',
  },
  "direct, by URL": {
    "deepflow-otel:topology": "direct",
    "deepflow-otel:otelAgent": '{"destination": {"type": "url", "url": "https://deepflow.example.com/otlp"}}',
  },
};

test.each(Object.entries(destinations))("what a stack %s exports, another reads as it was", (_, config) => {
  const { applications } = stackFrom(config);
  const stored = JSON.parse(JSON.stringify(exportDestination(applications))) as unknown;
  expect(importDestination(stored, "dev")).toEqual(applications);
});

test.each([
  [
    "nothing",
    undefined,
    "The stack dev has no output destination: it is not deployed, was deployed by a version of this program that exports none, or has a base itself; run `pulumi up --stack dev`, or name a stack that has Collectors.",
  ],
  [
    "a later version",
    { version: 2, host: "a", way: "b" },
    "The stack dev exports its destination in version 2, and this program understands 1; use the version of the program that deployed dev.",
  ],
  [
    "no version",
    { host: "a", endpoints: {} },
    "The stack dev exports a destination that this program does not understand (version missing); run `pulumi up --stack dev` with this version of the program.",
  ],
  [
    "a text",
    "http://otel-agent.open-telemetry:4317",
    "The stack dev exports a destination that this program does not understand (version missing); run `pulumi up --stack dev` with this version of the program.",
  ],
  [
    "a destination without a host",
    { version: 1, endpoints: {} },
    "The stack dev exports a destination that this program does not understand (version 1); run `pulumi up --stack dev` with this version of the program.",
  ],
  [
    "a destination that accepts nothing",
    { version: 1, host: "a", endpoints: {} },
    "The stack dev exports a destination that accepts no protocol; give it Collectors (topology agent or gateway).",
  ],
])("%s as a base's output is told with what to do", (_, exported, error) => {
  expect(importDestination(exported, "dev")).toEqual({ error });
});
