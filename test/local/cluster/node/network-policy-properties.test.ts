import fc from "fast-check";
import { expect, test } from "vitest";
import { refusal } from "../../../../local/cluster/node/network-policy.ts";
import type { NetworkPolicy } from "../../../../local/cluster/node/network-policy.ts";
import type { Connection, Peer } from "../../../../local/cluster/node/policy-rule.ts";

// A small world, so that policies, pods and ports often meet.
const names = fc.constantFrom("a", "b");
const labels = fc.dictionary(names, names, { maxKeys: 2 });
const selector = fc.oneof(
  fc.constant({}),
  fc.record({ matchLabels: labels }),
  fc.record({
    matchExpressions: fc.array(
      fc.record({
        key: names,
        operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
        values: fc.array(names, { minLength: 1, maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  }),
);
const cidr = fc.constantFrom("0.0.0.0/0", "10.244.1.0/24", "10.244.1.2/32", "10.0.0.0/24");
const peer = fc.oneof(
  fc.record({ podSelector: selector, namespaceSelector: selector }, { requiredKeys: ["podSelector"] }),
  fc.record({ namespaceSelector: selector }),
  fc.record({
    ipBlock: fc.record({ cidr, except: fc.array(cidr, { maxLength: 1 }) }, { requiredKeys: ["cidr"] }),
  }),
);
const peers = fc.array(peer, { maxLength: 2 });
const ports = fc.array(
  fc.record(
    {
      port: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom("one", "two")),
      protocol: fc.constantFrom("TCP", "UDP"),
    },
    { requiredKeys: [] },
  ),
  { maxLength: 2 },
);
const rule = {
  Ingress: fc.record({ from: peers, ports }, { requiredKeys: [] }),
  Egress: fc.record({ to: peers, ports }, { requiredKeys: [] }),
};
const policy: fc.Arbitrary<NetworkPolicy> = fc.record({
  metadata: fc.record({ namespace: names, name: fc.constant("policy") }),
  spec: fc.record(
    {
      podSelector: selector,
      // Written out: without it, a first egress rule isolates for egress, which it is meant to.
      policyTypes: fc.subarray(["Ingress", "Egress"], { minLength: 1 }),
      ingress: fc.array(rule.Ingress, { maxLength: 2 }),
      egress: fc.array(rule.Egress, { maxLength: 2 }),
    },
    { requiredKeys: ["policyTypes"] },
  ),
});
const policies = fc.array(policy, { maxLength: 4 });
const end: fc.Arbitrary<Peer> = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom("10.244.1.2", "10.244.1.3", "10.244.2.2") },
    { weight: 1, arbitrary: fc.constantFrom("10.0.0.1", "10.0.0.2", "192.0.2.1") },
  )
  .chain((address) =>
    address.startsWith("10.244")
      ? fc.record({
          address: fc.constant(address),
          pod: fc.record({
            namespace: names,
            name: fc.constant("pod"),
            labels,
            nodeAddress: fc.constant("10.0.0.1"),
            ports: fc.constant([
              { name: "one", containerPort: 1 },
              { name: "two", containerPort: 2, protocol: "UDP" },
            ]),
          }),
        })
      : fc.record({ address: fc.constant(address) }),
  );
const connection: fc.Arbitrary<Connection> = fc.record({
  from: end,
  to: end,
  port: fc.integer({ min: 1, max: 4 }),
  protocol: fc.constantFrom("TCP", "UDP"),
});

const isAllowed = (policies: NetworkPolicy[], connection: Connection): boolean =>
  refusal({ policies, namespaceLabels: (name) => ({ name }) }, connection) === undefined;
const runs = { numRuns: 1000 };

test("without a policy in the namespaces of either end, everything is allowed", () => {
  const elsewhere = policies.map((all) =>
    all.map(({ spec }) => ({ metadata: { namespace: "c", name: "policy" }, ...(spec && { spec }) })),
  );
  fc.assert(
    fc.property(elsewhere, connection, (policies, connection) => {
      expect(isAllowed(policies, connection)).toBe(true);
    }),
    runs,
  );
});

test("a policy without rules never makes anything allowed", () => {
  fc.assert(
    fc.property(policies, policy, connection, (policies, { metadata, spec }, connection) => {
      const { podSelector, policyTypes } = spec ?? {};
      const more = [...policies, { ...(metadata && { metadata }), spec: { podSelector, policyTypes } }];
      if (isAllowed(more, connection)) expect(isAllowed(policies, connection)).toBe(true);
    }),
    runs,
  );
});

test("one more rule never makes anything forbidden", () => {
  fc.assert(
    fc.property(
      ...[policies, policy, rule.Ingress, rule.Egress, connection],
      (policies, { metadata, spec }, ingress, egress, connection) => {
        const own = metadata && { metadata };
        const before = [...policies, { ...own, ...(spec && { spec }) }];
        const more = {
          ...spec,
          ingress: [...(spec?.ingress ?? []), ingress],
          egress: [...(spec?.egress ?? []), egress],
        };
        if (isAllowed(before, connection)) {
          expect(isAllowed([...policies, { ...own, spec: more }], connection)).toBe(true);
        }
      },
    ),
    runs,
  );
});

test("a policy says the same as one policy for each of its rules, in any order", () => {
  fc.assert(
    fc.property(policies, connection, (policies, connection) => {
      const apart = policies.flatMap(({ metadata, spec }) => {
        const { ingress = [], egress = [], ...rest } = spec ?? {};
        const own = metadata && { metadata };
        return [
          { ...own, spec: rest },
          ...ingress.map((rule) => ({ ...own, spec: { ...rest, ingress: [rule] } })),
          ...egress.map((rule) => ({ ...own, spec: { ...rest, egress: [rule] } })),
        ];
      });
      expect(isAllowed(apart.reverse(), connection)).toBe(isAllowed(policies, connection));
    }),
    runs,
  );
});
