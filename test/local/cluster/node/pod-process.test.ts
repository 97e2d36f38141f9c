import { expect, test } from "vitest";
import { expand } from "../../../../local/cluster/node/expansion.ts";
import { argvOf, isMapped, userOf } from "../../../../local/cluster/node/pod-process.ts";
import { podFrom } from "./pod-yaml.ts";

const image = { path: "/otelcol-contrib", args: ["--config", "/etc/otelcol-contrib/config.yaml"] };

test.each([
  ["nothing named: what the image has", {}, ["/otelcol-contrib", ...image.args]],
  ["args replace the image's", { args: ["--config=/c"] }, ["/otelcol-contrib", "--config=/c"]],
  ["a command drops the image's args", { command: ["/bin/x"] }, ["/bin/x"]],
  ["both", { command: ["/bin/x"], args: ["y"] }, ["/bin/x", "y"]],
  ["variables", { args: ["--set=$(A)", "$(B)", "$$(A)"] }, ["/otelcol-contrib", "--set=1", "$(B)", "$(A)"]],
])("what a container executes: %s", (_, container, expected) => {
  expect(argvOf(container, image, { A: "1" })).toEqual(expected);
});

test("an inherited property is no variable", () => {
  expect(expand("$(toString) $(A", { A: "1" })).toBe("$(toString) $(A");
});

test.each([
  ["the image's user", "", "", { uid: 10001, gid: 10001, groups: [] }],
  ["the pod's user", "runAsUser: 1000", "", { uid: 1000, gid: 0, groups: [] }],
  [
    "the container's before the pod's",
    "runAsUser: 1000, runAsGroup: 3",
    "runAsUser: 7",
    { uid: 7, gid: 3, groups: [] },
  ],
  ["further groups", "fsGroup: 5, supplementalGroups: [6]", "", { uid: 10001, gid: 10001, groups: [5, 6] }],
])("a container runs as %s", (_, pods, own, expected) => {
  const pod = podFrom(`
spec:
  securityContext: { ${pods} }
  containers: [{ name: a, securityContext: { ${own} } }]
`);
  const container = pod.spec?.containers[0];
  expect(container && userOf(pod, container, 10001)).toEqual(expected);
});

test("a user namespace has the ids that its map lists", () => {
  const everything = "         0          0 4294967295\n";
  const rootOnly = "         0       1000          1\n";
  const subordinate = "0 1000 1\n1 100000 65536\n";
  expect([everything, rootOnly, subordinate].map((map) => isMapped(map, 10001))).toEqual([true, false, true]);
  expect([everything, rootOnly, subordinate].map((map) => isMapped(map, 0))).toEqual([true, true, true]);
});
