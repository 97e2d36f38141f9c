import type { V1NetworkPolicy } from "@kubernetes/client-node";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { listedPolicy, refusal } from "../../../../local/cluster/node/network-policy.ts";
import type { NetworkPolicy } from "../../../../local/cluster/node/network-policy.ts";
import type { Connection, Peer } from "../../../../local/cluster/node/policy-rule.ts";

const namespaceLabels = (name: string) => ({
  "kubernetes.io/metadata.name": name,
  ...(name === "shop" && { team: "blue" }),
});

const pod = (namespace: string, name: string, address: string, labels: Record<string, string>): Peer => ({
  address,
  pod: {
    ...{ namespace, name, labels, nodeAddress: "10.0.0.1" },
    ports: [
      { name: "http", containerPort: 8080 },
      { name: "dns", containerPort: 53, protocol: "UDP" },
      { containerPort: 9000 },
    ],
  },
});
const cart = pod("shop", "cart", "10.244.1.2", { app: "cart", tier: "back" });
const web = pod("shop", "web", "10.244.1.3", { app: "web" });
const spy = pod("other", "spy", "10.244.2.4", { app: "web" });
const node: Peer = { address: "10.0.0.1" };
const otherNode: Peer = { address: "10.0.0.2" };

/** Policies of the namespace `shop`, `p0`, `p1` and so on, from the YAML of their specs. */
function policies(...specs: string[]): NetworkPolicy[] {
  return specs.map((spec, index) => ({
    metadata: { namespace: "shop", name: `p${index}` },
    spec: load(spec) as NonNullable<NetworkPolicy["spec"]>,
  }));
}

function refused(specs: string[], connection: Partial<Connection> = {}): string | undefined {
  return refusal(
    { policies: policies(...specs), namespaceLabels },
    { from: web, to: cart, port: 8080, protocol: "TCP", ...connection },
  );
}

const isAllowed = (specs: string[], connection?: Partial<Connection>) =>
  refused(specs, connection) === undefined;
/** Which of these may connect to the cart. */
const admitted = (ingress: string): (string | undefined)[] =>
  [web, spy, otherNode]
    .filter((from) => isAllowed([`{ podSelector: {}, ingress: ${ingress} }`], { from }))
    .map((peer) => peer.pod?.name ?? peer.address);
/** Which TCP ports of the cart the pod `web` may connect to. */
const openPorts = (ports: string): number[] =>
  [53, 8079, 8080, 8081, 9000].filter((port) =>
    isAllowed([`{ podSelector: {}, ingress: [{ ports: ${ports} }] }`], { port }),
  );

describe("a pod is isolated", () => {
  test("by no policy that is not there", () => {
    expect(isAllowed([])).toBe(true);
  });

  test("by a policy of its own namespace that selects it, and by no other", () => {
    expect(isAllowed(["podSelector: { matchLabels: { app: cart } }"])).toBe(false);
    expect(isAllowed(["podSelector: { matchLabels: { app: web } }"])).toBe(true);
    expect(isAllowed(["podSelector: {}"], { to: spy })).toBe(true);
  });

  test("by a policy without a podSelector, as by an empty one", () => {
    expect(isAllowed(["podSelector: {}"])).toBe(false);
    expect(isAllowed(["policyTypes: [Ingress]"])).toBe(false);
  });

  test.each([
    ["podSelector: {}", { Ingress: true, Egress: false }],
    ["{ podSelector: {}, policyTypes: [], egress: [] }", { Ingress: true, Egress: false }],
    ["{ podSelector: {}, egress: [{ ports: [{ port: 1 }] }] }", { Ingress: true, Egress: true }],
    ["{ podSelector: {}, policyTypes: [Egress] }", { Ingress: false, Egress: true }],
    [
      "{ podSelector: {}, policyTypes: [Ingress], egress: [{ ports: [{ port: 1 }] }] }",
      { Ingress: true, Egress: false },
    ],
    ["{ podSelector: {}, policyTypes: [Ingress, Egress] }", { Ingress: true, Egress: true }],
  ])("for the policy types that are written, or else follow from the rules: %s", (spec, isolated) => {
    expect({
      Ingress: !isAllowed([spec], { from: spy, to: cart }),
      Egress: !isAllowed([spec], { from: cart, to: spy }),
    }).toEqual(isolated);
  });

  test.each([
    ["{ matchLabels: { app: cart, tier: back } }", true],
    ["{ matchLabels: { app: cart, tier: front } }", false],
    ["{ matchLabels: { constructor: x } }", false],
    ["{ matchExpressions: [{ key: app, operator: In, values: [web, cart] }] }", true],
    ["{ matchExpressions: [{ key: app, operator: In, values: [web] }] }", false],
    ["{ matchExpressions: [{ key: zone, operator: In, values: [cart] }] }", false],
    ["{ matchExpressions: [{ key: app, operator: NotIn, values: [web] }] }", true],
    ["{ matchExpressions: [{ key: app, operator: NotIn, values: [web, cart] }] }", false],
    ["{ matchExpressions: [{ key: zone, operator: NotIn, values: [a] }] }", true],
    ["{ matchExpressions: [{ key: app, operator: Exists }] }", true],
    ["{ matchExpressions: [{ key: zone, operator: Exists }] }", false],
    ["{ matchExpressions: [{ key: constructor, operator: Exists }] }", false],
    ["{ matchExpressions: [{ key: app, operator: DoesNotExist }] }", false],
    ["{ matchExpressions: [{ key: zone, operator: DoesNotExist }] }", true],
    ["{ matchLabels: { app: cart }, matchExpressions: [{ key: tier, operator: DoesNotExist }] }", false],
    [
      "{ matchExpressions: [{ key: app, operator: Exists }, { key: tier, operator: In, values: [front] }] }",
      false,
    ],
  ])("by what selects it: %s", (selector, isolated) => {
    expect(isAllowed([`podSelector: ${selector}`])).toBe(!isolated);
  });

  test("not by an operator that nobody knows, which is an error", () => {
    expect(() => refused(["podSelector: { matchExpressions: [{ key: app, operator: Gt }] }"])).toThrow(
      "The label selector's operator Gt for app is unknown",
    );
  });

  test("never from itself, and never from its own node; but from any other, and from going to its own", () => {
    const nothing = "{ podSelector: {}, policyTypes: [Ingress, Egress] }";
    expect(isAllowed([nothing], { from: cart, to: cart })).toBe(true);
    expect(isAllowed([nothing], { from: node })).toBe(true);
    expect(isAllowed([nothing], { from: otherNode })).toBe(false);
    expect(isAllowed([nothing], { from: cart, to: node })).toBe(false);
  });

  test("only as a pod: a node and what is outside are selected by no policy", () => {
    expect(isAllowed(["{ podSelector: {}, policyTypes: [Ingress, Egress] }"], { from: node, to: spy })).toBe(
      true,
    );
    expect(isAllowed(["{ podSelector: {}, policyTypes: [Ingress, Egress] }"], { from: spy, to: node })).toBe(
      true,
    );
  });
});

describe("a rule admits", () => {
  test.each([
    ["[{}]", ["web", "spy", "10.0.0.2"]],
    ["[{ from: [] }]", ["web", "spy", "10.0.0.2"]],
    ["[]", []],
    ["[{ from: [{ podSelector: {} }] }]", ["web"]],
    ["[{ from: [{ podSelector: { matchLabels: { app: cart } } }] }]", []],
    ["[{ from: [{ namespaceSelector: {} }] }]", ["web", "spy"]],
    ["[{ from: [{ namespaceSelector: { matchLabels: { team: blue } } }] }]", ["web"]],
    ["[{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: other } } }] }]", ["spy"]],
    [
      "[{ from: [{ namespaceSelector: { matchLabels: { team: blue } }, podSelector: { matchLabels: { app: cart } } }] }]",
      [],
    ],
    ["[{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: web } } }] }]", ["web", "spy"]],
    [
      "[{ from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: other } } }] }]",
      ["web", "spy"],
    ],
    ["[{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }]", ["web", "spy", "10.0.0.2"]],
    ["[{ from: [{ ipBlock: { cidr: 10.244.0.0/16 } }] }]", ["web", "spy"]],
    ["[{ from: [{ ipBlock: { cidr: 10.244.0.0/16, except: [10.244.1.0/24] } }] }]", ["spy"]],
    [
      "[{ from: [{ ipBlock: { cidr: 10.244.0.0/16, except: [10.244.1.0/24] } }, { podSelector: {} }] }]",
      ["web", "spy"],
    ],
    ["[{ from: [{ ipBlock: { cidr: 10.0.0.2/32 } }] }]", ["10.0.0.2"]],
    ['[{ from: [{ ipBlock: { cidr: "::/0" } }] }]', []],
  ])("whom its peers name: %s", (ingress, peers) => {
    expect(admitted(ingress)).toEqual(peers);
  });

  test("an IPv6 address by the blocks of its family", () => {
    const from = { address: "fd00::7" };
    const block = (cidr: string) =>
      `{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: "${cidr}" } }] }] }`;
    expect(isAllowed([block("fd00::/64")], { from })).toBe(true);
    expect(isAllowed([block("0.0.0.0/0")], { from })).toBe(false);
  });

  test.each([
    ["[]", [53, 8079, 8080, 8081, 9000]],
    ["[{}]", [53, 8079, 8080, 8081, 9000]],
    ["[{ protocol: UDP }]", []],
    ["[{ port: 8080 }]", [8080]],
    ["[{ port: 8080, protocol: UDP }]", []],
    ["[{ port: 8080 }, { port: 9000, protocol: TCP }]", [8080, 9000]],
    ["[{ port: 8080, endPort: 8081 }]", [8080, 8081]],
    ["[{ port: http }]", [8080]],
    ["[{ port: dns }]", []],
    ["[{ port: https }]", []],
  ])("the TCP ports that it names: %s", (ports, open) => {
    expect(openPorts(ports)).toEqual(open);
  });

  test("UDP where it says so", () => {
    const dns = (ports: string) =>
      isAllowed([`{ podSelector: {}, ingress: [{ ports: ${ports} }] }`], { port: 53, protocol: "UDP" });
    expect(dns("[{ port: 53, protocol: UDP }]")).toBe(true);
    expect(dns("[{ port: dns, protocol: UDP }]")).toBe(true);
    expect(dns("[{ port: 53 }]")).toBe(false);
    expect(dns("[{ port: dns }]")).toBe(false);
  });

  test("its peers at its ports only, and not those of another rule", () => {
    const spec = `
      podSelector: { matchLabels: { app: cart } }
      ingress:
        - { from: [{ podSelector: {} }], ports: [{ port: 8080 }] }
        - { from: [{ namespaceSelector: {} }], ports: [{ port: 9000 }] }`;
    expect(isAllowed([spec], { from: web, port: 8080 })).toBe(true);
    expect(isAllowed([spec], { from: spy, port: 8080 })).toBe(false);
    expect(isAllowed([spec], { from: spy, port: 9000 })).toBe(true);
  });
});

describe("a rule lets out", () => {
  const egress = (rule: string) =>
    `{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [${rule}] }`;

  test("to whom it names, at the ports that it names", () => {
    const toCart = egress(
      "{ to: [{ podSelector: { matchLabels: { app: cart } } }], ports: [{ port: 8080 }] }",
    );
    expect(isAllowed([toCart])).toBe(true);
    expect(isAllowed([toCart], { port: 9000 })).toBe(false);
    expect(isAllowed([toCart], { to: spy })).toBe(false);
  });

  test("to a named port of the pod that it goes to, which an address outside has not", () => {
    const named = egress("{ ports: [{ port: http }] }");
    const server = { ...spy, pod: { ...spy.pod, ports: [{ name: "http", containerPort: 80 }] } } as Peer;
    expect(isAllowed([named], { to: server, port: 80 })).toBe(true);
    expect(isAllowed([named], { to: server, port: 8080 })).toBe(false);
    expect(isAllowed([named], { to: otherNode, port: 8080 })).toBe(false);
  });

  test("to an address outside by its block", () => {
    const block = egress("{ to: [{ ipBlock: { cidr: 10.0.0.0/24 } }] }");
    expect(isAllowed([block], { to: otherNode })).toBe(true);
    expect(isAllowed([block], { to: { address: "192.0.2.1" } })).toBe(false);
  });
});

test("one policy's rule is enough, whatever the others say", () => {
  const nothing = "podSelector: {}";
  const all = "{ podSelector: { matchLabels: { app: cart } }, ingress: [{}] }";
  expect(isAllowed([nothing, all])).toBe(true);
  expect(isAllowed([nothing, all, nothing])).toBe(true);
  expect(isAllowed([nothing, nothing])).toBe(false);
});

test("both the sender's policies and the receiver's have to allow a connection", () => {
  const out = "{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{}] }";
  const noneOut = "{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress] }";
  const into = "{ podSelector: { matchLabels: { app: cart } }, ingress: [{}] }";
  const noneIn = "{ podSelector: { matchLabels: { app: cart } } }";
  expect([
    isAllowed([out, into]),
    isAllowed([noneOut, into]),
    isAllowed([out, noneIn]),
    isAllowed([noneOut, noneIn]),
  ]).toEqual([true, false, false, false]);
});

describe("a refusal names", () => {
  test("the policy, whom it isolates, and the connection", () => {
    expect(refused(["podSelector: {}"], { from: spy })).toBe(
      "NetworkPolicy shop/p0 isolates pod shop/cart for ingress, and none of its rules allows pod other/spy to reach it at TCP port 8080.",
    );
  });

  test("a pod by its namespace where its name is not known", () => {
    const from: Peer = { address: "10.244.2.5", pod: { namespace: "other", labels: {} } };
    expect(refused(["podSelector: {}"], { from })).toContain("allows a pod of other to reach it");
  });

  test("every policy that could have allowed it, and an address where there is no pod", () => {
    expect(refused(["podSelector: {}", "podSelector: {}"], { from: otherNode })).toBe(
      "NetworkPolicies shop/p0, shop/p1 isolate pod shop/cart for ingress, and none of their rules allows 10.0.0.2 to reach it at TCP port 8080.",
    );
  });

  test("both directions where both refuse", () => {
    expect(refused(["{ podSelector: {}, policyTypes: [Ingress, Egress] }"])).toBe(
      "NetworkPolicy shop/p0 isolates pod shop/web for egress, and none of its rules allows it to reach pod shop/cart at TCP port 8080. " +
        "NetworkPolicy shop/p0 isolates pod shop/cart for ingress, and none of its rules allows pod shop/web to reach it at TCP port 8080.",
    );
  });
});

test("a policy of the client's lists is what the API has, with its rules' from", () => {
  const manifest = `
    metadata: { namespace: shop, name: cart }
    spec:
      podSelector: { matchLabels: { app: cart } }
      policyTypes: [Ingress, Egress]
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }]
      egress: [{ to: [{ namespaceSelector: {} }] }]`;
  const listed = load(manifest.replace("from:", "_from:")) as V1NetworkPolicy;
  expect(listedPolicy(listed)).toEqual(load(manifest));
});
