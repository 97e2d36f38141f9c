import type { V1EndpointSlice, V1Service } from "@kubernetes/client-node";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { chooseEndpoint, servicePorts } from "../../../../local/cluster/node/service-endpoints.ts";

const services = load(`
- metadata: { namespace: open-telemetry, name: otel-agent }
  spec:
    clusterIP: 10.96.1.2
    internalTrafficPolicy: Local
    ports:
      - { name: otlp-grpc, port: 4317, protocol: TCP, targetPort: grpc }
      - { name: otlp-http, port: 4318 }
      - { name: dns, port: 53, protocol: UDP }
- { metadata: { namespace: deepflow, name: deepflow-agent }, spec: { clusterIP: 10.96.1.3, ports: [{ port: 80 }] } }
- { metadata: { namespace: default, name: kubernetes }, spec: { clusterIP: 10.96.0.1, ports: [{ port: 443 }] } }
- { metadata: { namespace: demo, name: headless }, spec: { clusterIP: None, ports: [{ port: 80 }] } }
- { metadata: { namespace: demo, name: v6 }, spec: { clusterIP: "fd00::1", ports: [{ port: 80 }] } }
`) as V1Service[];

const slices = load(`
- metadata: { namespace: open-telemetry, labels: { kubernetes.io/service-name: otel-agent } }
  addressType: IPv4
  ports: [{ name: otlp-grpc, port: 14317 }, { name: otlp-http, port: 4318 }]
  endpoints:
    - { addresses: [10.244.1.4], nodeName: node-1, conditions: { ready: true } }
    - { addresses: [10.244.2.4], nodeName: node-2, conditions: { ready: false, serving: true, terminating: true } }
    - { addresses: [10.244.2.5], nodeName: node-2, conditions: { ready: false, serving: false, terminating: true } }
    - { addresses: [10.244.2.6], nodeName: node-2, conditions: { ready: false } }
- metadata: { namespace: open-telemetry, labels: { kubernetes.io/service-name: otel-agent } }
  addressType: IPv4
  ports: [{ name: otlp-grpc, port: 4317 }]
  endpoints: [{ addresses: [10.244.3.4], nodeName: node-3, conditions: {} }]
- metadata: { namespace: deepflow, labels: { kubernetes.io/service-name: deepflow-agent } }
  addressType: IPv4
  ports: [{ name: "", port: 38086 }]
  endpoints: [{ addresses: [10.244.1.1], nodeName: node-1 }, { addresses: [10.244.2.1], nodeName: node-2 }]
- metadata: { namespace: other, labels: { kubernetes.io/service-name: deepflow-agent } }
  addressType: IPv4
  ports: [{ name: "", port: 1 }]
  endpoints: [{ addresses: [10.244.9.9] }]
- metadata: { namespace: deepflow, labels: { kubernetes.io/service-name: deepflow-agent } }
  addressType: IPv6
  ports: [{ name: "", port: 38086 }]
  endpoints: [{ addresses: ["fd00::2"] }]
`) as V1EndpointSlice[];

test("each TCP port of a Service has the ready and the still serving endpoints of its slices, at their own ports", () => {
  expect(servicePorts(services, slices)).toEqual([
    {
      id: "open-telemetry/otel-agent:4317",
      address: "10.96.1.2",
      port: 4317,
      local: true,
      endpoints: [
        { address: "10.244.1.4", port: 14317, node: "node-1", ready: true },
        { address: "10.244.2.4", port: 14317, node: "node-2", ready: false },
        { address: "10.244.3.4", port: 4317, node: "node-3", ready: true },
      ],
    },
    {
      id: "open-telemetry/otel-agent:4318",
      address: "10.96.1.2",
      port: 4318,
      local: true,
      endpoints: [
        { address: "10.244.1.4", port: 4318, node: "node-1", ready: true },
        { address: "10.244.2.4", port: 4318, node: "node-2", ready: false },
      ],
    },
    {
      id: "deepflow/deepflow-agent:80",
      address: "10.96.1.3",
      port: 80,
      local: false,
      endpoints: [
        { address: "10.244.1.1", port: 38086, node: "node-1", ready: true },
        { address: "10.244.2.1", port: 38086, node: "node-2", ready: true },
      ],
    },
  ]);
});

const endpoints = [
  { address: "10.244.1.1", port: 1, node: "node-1", ready: true },
  { address: "10.244.2.1", port: 1, node: "node-2", ready: true },
  { address: "10.244.2.2", port: 1, node: "node-2", ready: true },
];
const choose = (local: boolean, node: string | undefined): (string | undefined)[] =>
  [0, 1, 2, 3].map((turn) => chooseEndpoint({ endpoints, local }, node, turn)?.address);

test("connections go to the endpoints in turn", () => {
  expect(choose(false, "node-1")).toEqual(["10.244.1.1", "10.244.2.1", "10.244.2.2", "10.244.1.1"]);
});

test("internalTrafficPolicy: Local keeps to the client's node", () => {
  expect(choose(true, "node-2")).toEqual(["10.244.2.1", "10.244.2.2", "10.244.2.1", "10.244.2.2"]);
  expect(choose(true, "node-3")).toEqual([undefined, undefined, undefined, undefined]);
  expect(choose(true, undefined)).toEqual([undefined, undefined, undefined, undefined]);
});

test("a terminating endpoint that still serves is the last resort, on the client's own node too", () => {
  const [one, two, three] = endpoints.map((endpoint) => ({ ...endpoint, ready: false }));
  const ready = endpoints[0];
  if (!one || !two || !three || !ready) throw new Error("There are three endpoints.");
  const choose = (local: boolean, node: string, among: typeof endpoints) =>
    chooseEndpoint({ endpoints: among, local }, node, 0)?.address;
  expect(choose(false, "node-2", [two, ready])).toBe(ready.address);
  expect(choose(true, "node-2", [two, ready])).toBe(two.address);
  expect(choose(false, "node-2", [three])).toBe(three.address);
});

test("without endpoints there is none to choose", () => {
  expect(chooseEndpoint({ endpoints: [], local: false }, "node-1", 0)).toBeUndefined();
});
