import fc from "fast-check";
import { expect, test } from "vitest";
import { k8sAttributes, type K8sAttribute } from "../../components/otel-agent/k8s-attributes.ts";
import { clusterRoleRules } from "../../components/otel-agent/rbac.ts";

const verbs = ["list", "watch"];
const pods = { apiGroups: [""], resources: ["pods"], verbs };

test("what a pod itself tells needs pods, and nothing else", () => {
  expect(clusterRoleRules(["k8s.pod.name", "k8s.deployment.name", "k8s.node.name"])).toEqual([pods]);
});

test("no attribute at all still needs pods, because of k8s.pod.ip", () => {
  expect(clusterRoleRules([])).toEqual([pods]);
});

test.each<[K8sAttribute, string, string[]]>([
  ["k8s.deployment.uid", "apps", ["replicasets"]],
  ["k8s.cronjob.uid", "batch", ["jobs"]],
  ["k8s.node.uid", "", ["nodes", "pods"]],
  ["k8s.cluster.uid", "", ["namespaces", "pods"]],
])("%s also needs %s %s", (attribute, group, resources) => {
  expect(clusterRoleRules([attribute])).toContainEqual({ apiGroups: [group], resources, verbs });
});

test("no choice of attributes gives a wildcard, a verb that changes anything, or a Secret", () => {
  const names = Object.keys(k8sAttributes) as K8sAttribute[];
  fc.assert(
    fc.property(fc.subarray(names), (attributes) => {
      const rules = clusterRoleRules(attributes);
      expect(new Set(rules.flatMap((rule) => rule.verbs))).toEqual(new Set(verbs));
      expect(rules.flatMap((rule) => rule.resources)).not.toContain("secrets");
      expect(JSON.stringify(rules)).not.toContain("*");
    }),
  );
});
