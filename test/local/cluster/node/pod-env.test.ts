import { describe, expect, test } from "vitest";
import { environmentOf } from "../../../../local/cluster/node/pod-env.ts";
import type { PodObjects } from "../../../../local/cluster/node/pod-objects.ts";
import { podFrom, podObjects } from "./pod-yaml.ts";

/**
 * The environment of a container with this `env` and `envFrom`, without the variables that every container
 * has.
 */
function environment(yaml: string, objects: PodObjects = podObjects()): Record<string, string> {
  const pod = podFrom(`
metadata:
  name: shop-0
  namespace: demo
  uid: 5e1f
  labels: { app: shop, "app.kubernetes.io/name": "shop" }
  annotations: { note: "two words" }
spec:
  nodeName: node-2
  serviceAccountName: shop
  containers:
    - name: shop
      resources: { limits: { cpu: 1500m, memory: 512Mi }, requests: { cpu: 100m } }
${yaml}
    - name: sidecar
      resources: { limits: { memory: 64Mi } }
status: { hostIP: 10.0.0.2, podIP: 10.244.2.7, podIPs: [{ ip: 10.244.2.7 }] }
`);
  const container = pod.spec?.containers[0];
  if (container === undefined) throw new Error("The pod needs a container.");
  const { PATH, HOME, HOSTNAME, ...rest } = environmentOf(pod, container, objects);
  expect({ PATH, HOME, HOSTNAME }).toMatchObject({ HOME: "/", HOSTNAME: "shop-0" });
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith("KUBERNETES_")));
}

test("every container finds the API server", () => {
  const pod = podFrom("{ metadata: { name: a }, spec: { containers: [{ name: a }] } }");
  const container = pod.spec?.containers[0];
  expect(container && environmentOf(pod, container, podObjects())).toMatchObject({
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "443",
  });
});

test("values see the variables before them, and the ones every container has", () => {
  expect(
    environment(`
      env:
        - { name: HOST, value: agent }
        - { name: URL, value: "http://$(HOST):$(PORT)/$$(HOST)" }
        - { name: PORT, value: "1" }
        - { name: SELF, value: $(HOSTNAME) }
        - { name: EMPTY }
`),
  ).toEqual({
    HOST: "agent",
    URL: "http://agent:$(PORT)/$(HOST)",
    PORT: "1",
    SELF: "shop-0",
    EMPTY: "",
  });
});

test("every field of the downward API is resolved", () => {
  const field = (name: string, path: string): string =>
    `        - { name: ${name}, valueFrom: { fieldRef: { fieldPath: "${path}" } } }\n`;
  expect(
    environment(
      "      env:\n" +
        field("NAME", "metadata.name") +
        field("NAMESPACE", "metadata.namespace") +
        field("UID", "metadata.uid") +
        field("APP", "metadata.labels['app.kubernetes.io/name']") +
        field("NOTE", "metadata.annotations['note']") +
        field("NONE", "metadata.labels['none']") +
        field("NODE", "spec.nodeName") +
        field("ACCOUNT", "spec.serviceAccountName") +
        field("HOST_IP", "status.hostIP") +
        field("POD_IP", "status.podIP") +
        field("POD_IPS", "status.podIPs") +
        "        - { name: ATTRIBUTES, value: 'k8s.pod.ip=$(POD_IP)' }",
    ),
  ).toEqual({
    NAME: "shop-0",
    NAMESPACE: "demo",
    UID: "5e1f",
    APP: "shop",
    NOTE: "two words",
    NONE: "",
    NODE: "node-2",
    ACCOUNT: "shop",
    HOST_IP: "10.0.0.2",
    POD_IP: "10.244.2.7",
    POD_IPS: "10.244.2.7",
    ATTRIBUTES: "k8s.pod.ip=10.244.2.7",
  });
});

test("resources are divided and rounded up; a limit that is not set is what the node has", () => {
  const resource = (name: string, of: string): string =>
    `        - { name: ${name}, valueFrom: { resourceFieldRef: { ${of} } } }\n`;
  expect(
    environment(
      "      env:\n" +
        resource("CPU", "resource: limits.cpu") +
        resource("MILLI", "resource: limits.cpu, divisor: 1m") +
        resource("BYTES", "resource: limits.memory, divisor: '0'") +
        resource("MEBIBYTES", "resource: limits.memory, divisor: 1Mi") +
        resource("OTHER", "resource: limits.memory, divisor: 1Mi, containerName: sidecar") +
        resource("REQUEST", "resource: requests.cpu, divisor: 1m") +
        resource("UNSET", "resource: requests.memory") +
        resource("NODE", "resource: limits.ephemeral-storage, divisor: 1Gi"),
      podObjects({ allocatable: { "ephemeral-storage": "1Ti" } }),
    ),
  ).toEqual({
    CPU: "2",
    MILLI: "1500",
    BYTES: "536870912",
    MEBIBYTES: "512",
    OTHER: "64",
    REQUEST: "100",
    UNSET: "0",
    NODE: "1024",
  });
});

describe("ConfigMaps and Secrets", () => {
  const objects = podObjects({
    configMaps: { settings: { LEVEL: "debug", MODE: "a" } },
    secrets: { login: { password: "s3cret" } },
  });

  test("keys and whole objects become variables, the container's own winning", () => {
    expect(
      environment(
        `
      envFrom:
        - configMapRef: { name: settings }
        - { prefix: LOGIN_, secretRef: { name: login } }
        - configMapRef: { name: absent, optional: true }
      env:
        - { name: MODE, value: "$(LEVEL)" }
        - { name: PASSWORD, valueFrom: { secretKeyRef: { name: login, key: password } } }
        - { name: NOT_SET, valueFrom: { configMapKeyRef: { name: settings, key: absent, optional: true } } }
        - { name: NOR_THIS, valueFrom: { secretKeyRef: { name: absent, key: a, optional: true } } }
`,
        objects,
      ),
    ).toEqual({ LEVEL: "debug", MODE: "debug", LOGIN_password: "s3cret", PASSWORD: "s3cret" });
  });

  test.each([
    [
      "env: [{ name: A, valueFrom: { configMapKeyRef: { name: absent, key: a } } }]",
      "ConfigMap absent, from which variable A is taken, does not exist.",
    ],
    [
      "env: [{ name: A, valueFrom: { secretKeyRef: { name: login, key: user } } }]",
      "Secret login, from which variable A is taken, has no key user.",
    ],
    [
      "envFrom: [{ secretRef: { name: absent } }]",
      "Secret absent, from which shop takes variables, does not exist.",
    ],
    [
      "env: [{ name: A, valueFrom: { fieldRef: { fieldPath: spec.hostname } } }]",
      "The field spec.hostname is not one that the downward API offers.",
    ],
    [
      "env: [{ name: A, valueFrom: { resourceFieldRef: { resource: limits.cpu, containerName: x } } }]",
      "A resourceFieldRef names the container x, which the pod does not have.",
    ],
    [
      "env: [{ name: A, valueFrom: { fileKeyRef: { path: a } } }]",
      "Variable A has a kind of valueFrom that is not supported here: fileKeyRef.",
    ],
  ])("%s is an error", (yaml, message) => {
    expect(() => environment(`      ${yaml}`, objects)).toThrow(message);
  });
});
