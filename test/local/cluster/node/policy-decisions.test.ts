import type { KubernetesObject, V1Namespace, V1Node, V1Pod } from "@kubernetes/client-node";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import type { NetworkPolicy } from "../../../../local/cluster/node/network-policy.ts";
import type { PodName } from "../../../../local/cluster/node/node-view.ts";
import { peer, podAt, policyDecisions } from "../../../../local/cluster/node/policy-decisions.ts";
import type { SharedInformer } from "../../../../local/cluster/node/shared-informer.ts";

const pods = load(`
- { metadata: { name: done }, status: { podIP: 10.244.1.1, phase: Succeeded } }
- { metadata: { name: broken }, status: { podIP: 10.244.1.1, phase: Failed } }
- { metadata: { name: runs }, status: { podIP: 10.244.1.1, phase: Running } }
- { metadata: { name: ended }, status: { podIP: 10.244.1.1, phase: Running } }
- { metadata: { name: pending }, status: { phase: Pending } }
`) as V1Pod[];

test("an address belongs to the first pod that has it and has not ended", () => {
  expect(podAt("10.244.1.1", pods)?.metadata?.name).toBe("runs");
  expect(podAt("10.244.1.9", pods)).toBeUndefined();
});

const pod = load(`
metadata: { namespace: shop, name: cart, labels: { app: cart } }
spec:
  initContainers:
    - { name: migration, ports: [{ name: once, containerPort: 1 }] }
    - { name: proxy, restartPolicy: Always, ports: [{ name: proxy, containerPort: 2 }] }
  containers:
    - { name: cart, ports: [{ name: http, containerPort: 8080, protocol: TCP }] }
    - { name: helper }
`) as V1Pod;

test("policies know a pod's labels, the ports of all containers that stay, and its node", () => {
  expect(peer("10.244.1.2", pod, "10.0.0.1")).toEqual({
    address: "10.244.1.2",
    pod: {
      ...{ namespace: "shop", name: "cart", labels: { app: "cart" }, nodeAddress: "10.0.0.1" },
      ports: [
        { name: "proxy", containerPort: 2 },
        { name: "http", containerPort: 8080, protocol: "TCP" },
      ],
    },
  });
});

test("a pod on its node's network is its node; whatever has no pod is an address", () => {
  const onHost = load(
    "{ metadata: { namespace: shop, name: exporter }, spec: { hostNetwork: true } }",
  ) as V1Pod;
  expect(peer("10.0.0.1", onHost, "10.0.0.1")).toEqual({ address: "10.0.0.1" });
  expect(peer("192.0.2.1", undefined, undefined)).toEqual({ address: "192.0.2.1" });
});

function informerOf<T extends KubernetesObject>(yaml: string): SharedInformer<T> {
  const items = load(yaml) as T[];
  return {
    list: () => items,
    get: (name, namespace) =>
      items.find(({ metadata }) => metadata?.name === name && metadata.namespace === namespace),
    onChange: () => undefined,
    stop: () => Promise.resolve(),
  };
}

const view = {
  namespaces: informerOf<V1Namespace>(`
    - { metadata: { name: shop, labels: { team: blue } } }
    - { metadata: { name: other } }`),
  nodes: informerOf<V1Node>(`
    - { metadata: { name: node-1 }, status: { addresses: [{ type: InternalIP, address: 10.0.0.1 }] } }`),
  pods: informerOf<V1Pod>(`
    - metadata: { namespace: shop, name: cart }
      spec: { nodeName: node-1, containers: [] }
      status: { podIP: 10.244.1.2, phase: Running }
    - metadata: { namespace: shop, name: web }
      spec: { containers: [] }
      status: { podIP: 10.244.1.3, phase: Running }
    - metadata: { namespace: other, name: spy }
      spec: { containers: [] }
      status: { podIP: 10.244.2.4, phase: Running }
    - metadata: { namespace: other, name: new }`),
  networkPolicies: informerOf<NetworkPolicy>(`
    - metadata: { namespace: shop, name: team }
      spec: { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: blue } } }], ports: [{ port: 80 }] }] }`),
};
const ending = load(`
- metadata: { namespace: shop, name: leaving }
  spec: { containers: [] }
  status: { podIP: 10.244.1.9, phase: Running }`) as V1Pod[];
const { refusal, allowed } = policyDecisions(view, () => ending);

test("addresses are looked up among the pods, those that are leaving included, and their nodes", () => {
  const senders = ["10.244.1.3", "10.244.1.9", "10.0.0.1", "10.244.2.4", "10.0.0.2"];
  const to = { address: "10.244.1.2", port: 80 };
  expect(senders.filter((from) => refusal(from, to) === undefined)).toEqual([
    "10.244.1.3",
    "10.244.1.9",
    "10.0.0.1",
  ]);
  expect(refusal("10.244.1.3", { ...to, port: 81 })).toContain("shop/team");
});

test("pods are asked for by name, and what cannot be asked for is an error", () => {
  const [cart, web, spy] = ["shop/cart", "shop/web", "other/spy"].map((path) => {
    const [namespace = "", pod = ""] = path.split("/");
    return { namespace, pod };
  }) as [PodName, PodName, PodName];
  expect(allowed({ from: web, to: cart, port: 80 })).toEqual({ allowed: true });
  expect(allowed({ from: spy, to: cart, port: 80 })).toEqual({
    allowed: false,
    reason:
      "NetworkPolicy shop/team isolates pod shop/cart for ingress, and none of its rules allows pod other/spy to reach it at TCP port 80.",
  });
  expect(() => allowed({ from: { ...spy, pod: "new" }, to: cart, port: 80 })).toThrow("has no address yet");
  expect(() => allowed({ from: web, to: cart, port: "http" as unknown as number })).toThrow(
    '"http" is no port; give the number of one of the pod\'s own ports.',
  );
});
