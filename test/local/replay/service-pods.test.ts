import { expect, test } from "vitest";
import { portOf, rows, selectorOf } from "../../../components/demo/table.ts";
import { servicePodsOf, findServicePods, type DemoObject } from "../../../local/replay/service-pods.ts";
import { webStore } from "./right-replay.ts";

/** An object as kubectl prints it. */
interface Item {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly labels?: object;
    readonly deletionTimestamp?: string;
  };
  readonly [field: string]: unknown;
}

/** What the API server has when every service of the WebStore has one pod. */
const deployed: readonly Item[] = rows(webStore).flatMap(({ name, service }, index) => {
  const { namespace } = webStore;
  const [podIP, clusterIP] = [`10.244.0.${index}`, `10.96.0.${index}`];
  const pod = {
    kind: "Pod",
    metadata: { name: `${name}-1`, namespace, labels: selectorOf(webStore, name) },
    spec: { nodeName: "node-1", containers: [] },
    status: { phase: "Running", podIP },
  };
  const workload = {
    kind: service.data ? "StatefulSet" : "Deployment",
    metadata: { name, namespace, generation: 2 },
    spec: { replicas: 1 },
    status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1 },
  };
  const port = portOf(service)?.number;
  if (port === undefined) return [workload, pod];
  return [
    workload,
    pod,
    {
      kind: "Service",
      metadata: { name, namespace },
      spec: { clusterIP, ports: [{ name: "main", port }] },
    },
    {
      kind: "EndpointSlice",
      metadata: { name: `${name}-abc`, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [podIP] }],
      ports: [{ name: "main", port }],
    },
  ];
});

function servicePods(items: readonly Item[]) {
  return servicePodsOf(webStore, items as unknown as DemoObject[]);
}
function named(name: string): Item {
  const item = deployed.find(({ metadata }) => metadata.name === name);
  if (!item) throw new Error(`The WebStore has no ${name}.`);
  return item;
}
/** What is deployed, with others in the place of one. */
function replacing(name: string, ...items: Item[]): Item[] {
  return deployed.flatMap((one) => (one.metadata.name === name ? items : [one]));
}

test("every service is replayed in its pod, where its Service leads to that", () => {
  const { pods, missing } = servicePods(deployed);
  expect(missing).toEqual([]);
  expect(pods.map(({ service }) => service)).toEqual(Object.keys(webStore.services));
  const index = Object.keys(webStore.services).indexOf("frontend");
  expect(pods.at(index)).toEqual({
    ...{ service: "frontend", pod: "frontend-1", node: "node-1" },
    ...{ podIp: `10.244.0.${index}`, serviceIp: `10.96.0.${index}` },
  });
  expect(pods.find(({ service }) => service === "loadgenerator")).not.toHaveProperty("serviceIp");
});

test("a pod that is not running, is going, has no address or is another's is none", () => {
  const pod = named("frontend-1");
  const { metadata } = pod;
  const others: Item[] = [
    { ...pod, status: { phase: "Pending", podIP: "10.244.0.77" } },
    { ...pod, status: { phase: "Running" } },
    { ...pod, metadata: { ...metadata, deletionTimestamp: "2026-11-21T10:52:00Z" } },
    { ...pod, metadata: { ...metadata, labels: { "app.kubernetes.io/name": "frontend" } } },
  ];
  for (const other of others) {
    expect(servicePods(replacing("frontend-1", other)).missing).toEqual(["frontend has no running pod"]);
    expect(servicePods(replacing("frontend-1", other, pod)).missing).toEqual([]);
  }
});

test("a workload that is not rolled out has no pod that can stand for it", () => {
  const workload = deployed.find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === "frontend",
  );
  if (!workload) throw new Error("The WebStore has a Deployment frontend.");
  const rolledOut = { observedGeneration: 2, replicas: 1, updatedReplicas: 1 };
  const statuses = [
    {},
    { ...rolledOut, observedGeneration: 1 },
    { ...rolledOut, replicas: 2 },
    { ...rolledOut, updatedReplicas: 0 },
  ];
  for (const status of statuses) {
    const items = deployed.map((one) => (one === workload ? { ...workload, status } : one));
    expect(servicePods(items).missing).toEqual(["frontend is not rolled out"]);
  }
  expect(servicePods(deployed.filter((one) => one !== workload)).missing).toEqual([
    "frontend is not rolled out",
  ]);
});

test("of a service that is called there may be one pod only", () => {
  const [called, calling] = [named("frontend-1"), named("loadgenerator-1")];
  expect(servicePods([...deployed, called]).missing).toEqual(["frontend has 2 running pods instead of 1"]);
  expect(servicePods([...deployed, calling]).missing).toEqual([]);
});

test("a Service that does not lead to the pod yet is said", () => {
  const slice = named("frontend-abc");
  const { podIp } = servicePods(deployed).pods.find(({ service }) => service === "frontend") ?? { podIp: "" };
  const sentence = (leads: string) =>
    `port 8080 of the Service frontend leads to ${leads} instead of frontend-1 (${podIp})`;
  expect(servicePods(replacing("frontend-abc")).missing).toEqual([sentence("nobody")]);
  const old = { ...slice, endpoints: [{ addresses: ["10.244.0.99"] }] };
  expect(servicePods(replacing("frontend-abc", old)).missing).toEqual([sentence("10.244.0.99")]);
});

test("a demo without its load generator cannot be replayed, and nothing is asked for", async () => {
  const { loadgenerator, ...services } = webStore.services;
  if (!loadgenerator) throw new Error("The WebStore has a load generator.");
  const demo = { ...webStore, services: { ...services, loadgenerator: { ...loadgenerator, replicas: 0 } } };
  await expect(findServicePods(undefined as never, demo, undefined)).rejects.toThrow(
    "OTel WebStore in deepflow-otel-grpc-demo cannot be replayed, which needs one pod of each service: loadgenerator has 0 replicas.",
  );
});
