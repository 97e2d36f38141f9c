import fc from "fast-check";
import { expect, test } from "vitest";
import { k8sAttributes, type K8sAttribute } from "../../components/otel-agent/k8s-attributes.ts";
import { clusterRoleRules } from "../../components/otel-agent/rbac.ts";

const verbs = ["list", "watch"];
const byName = { deploymentName: "asked" } as const;
const pods = { apiGroups: [""], resources: ["pods"], verbs };

test("what a pod itself tells needs pods, and nothing else", () => {
  expect(clusterRoleRules(["k8s.pod.name", "k8s.deployment.name", "k8s.node.name"], byName)).toEqual([pods]);
});

test("a Collector that cannot tell a Deployment from its ReplicaSet's name watches ReplicaSets for it", () => {
  expect(clusterRoleRules(["k8s.deployment.name"], { deploymentName: "watched" })).toEqual([
    pods,
    { apiGroups: ["apps"], resources: ["replicasets"], verbs },
  ]);
});

test("no attribute at all still needs pods, because of k8s.pod.ip", () => {
  expect(clusterRoleRules([], byName)).toEqual([pods]);
});

test.each<[K8sAttribute, string, string[]]>([
  ["k8s.deployment.uid", "apps", ["replicasets"]],
  ["k8s.cronjob.uid", "batch", ["jobs"]],
  ["k8s.node.uid", "", ["nodes", "pods"]],
  ["k8s.cluster.uid", "", ["namespaces", "pods"]],
])("%s also needs %s %s", (attribute, group, resources) => {
  expect(clusterRoleRules([attribute], byName)).toContainEqual({ apiGroups: [group], resources, verbs });
});

test("no choice of attributes gives a wildcard, a verb that changes anything, or a Secret", () => {
  const names = Object.keys(k8sAttributes) as K8sAttribute[];
  fc.assert(
    fc.property(fc.subarray(names), fc.constantFrom("watched", "always"), (attributes, deploymentName) => {
      const rules = clusterRoleRules(attributes, { deploymentName });
      expect(new Set(rules.flatMap((rule) => rule.verbs))).toEqual(new Set(verbs));
      expect(rules.flatMap((rule) => rule.resources)).not.toContain("secrets");
      expect(JSON.stringify(rules)).not.toContain("*");
    }),
  );
});
