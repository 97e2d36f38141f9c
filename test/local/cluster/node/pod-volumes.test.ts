import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { referencesOf } from "../../../../local/cluster/node/pod-objects.ts";
import { volumeContent, writeVolume } from "../../../../local/cluster/node/pod-volumes.ts";
import { podFrom, podObjects } from "./pod-yaml.ts";

const objects = podObjects({
  configMaps: { conf: { "a.yaml": "a: 1", "b.yaml": "b: 2" }, "kube-root-ca.crt": { "ca.crt": "PEM" } },
  secrets: { login: { password: "s3cret" } },
  tokens: { "access/token": "eyJ" },
});

/** Files of the one volume that is written as YAML, as `path mode content`. */
function files(volume: string): string[] | string {
  const pod = podFrom(`
metadata: { name: shop-0, namespace: demo, labels: { app: shop, tier: front } }
spec:
  containers: [{ name: shop, resources: { limits: { memory: 512Mi } } }]
  volumes: [${volume}]
`);
  const [only] = pod.spec?.volumes ?? [];
  if (only === undefined) throw new Error("The pod needs a volume.");
  const content = volumeContent(pod, only, objects);
  return content === "writable"
    ? content
    : content.map(({ path, mode, content: bytes }) => `${path} ${mode.toString(8)} ${bytes.toString()}`);
}

test("a ConfigMap becomes a file for each key", () => {
  expect(files("{ name: v, configMap: { name: conf } }")).toEqual(["a.yaml 644 a: 1", "b.yaml 644 b: 2"]);
});

test("items choose keys, paths and modes", () => {
  expect(
    files(
      "{ name: v, configMap: { name: conf, defaultMode: 0o440, items: [{ key: a.yaml, path: x/y.yaml }, { key: b.yaml, path: b, mode: 0o600 }] } }",
    ),
  ).toEqual(["x/y.yaml 440 a: 1", "b 600 b: 2"]);
});

test("a Secret is a ConfigMap by another name", () => {
  expect(files("{ name: v, secret: { secretName: login, defaultMode: 0o400 } }")).toEqual([
    "password 400 s3cret",
  ]);
});

test("the volume of a ServiceAccount's token holds what a client looks for there", () => {
  expect(
    files(`{ name: access, projected: { sources: [
      { serviceAccountToken: { path: token, expirationSeconds: 3607 } },
      { configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] } },
      { downwardAPI: { items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }] } } ] } }`),
  ).toEqual(["token 644 eyJ", "ca.crt 644 PEM", "namespace 644 demo"]);
});

test("the downward API gives labels by the line, and resources", () => {
  expect(
    files(`{ name: v, downwardAPI: { items: [
      { path: labels, fieldRef: { fieldPath: metadata.labels } },
      { path: memory, resourceFieldRef: { containerName: shop, resource: limits.memory, divisor: 1Mi } } ] } }`),
  ).toEqual(['labels 644 app="shop"\ntier="front"', "memory 644 512"]);
});

test("an emptyDir is writable, and what is optional may be missing", () => {
  expect(files("{ name: v, emptyDir: {} }")).toBe("writable");
  expect(files("{ name: v, configMap: { name: absent, optional: true } }")).toEqual([]);
  expect(files("{ name: v, secret: { secretName: absent, optional: true } }")).toEqual([]);
});

test.each([
  [
    "{ name: v, configMap: { name: absent } }",
    "ConfigMap absent, which a volume is made from, does not exist.",
  ],
  [
    "{ name: v, configMap: { name: conf, items: [{ key: c, path: c }] } }",
    "ConfigMap conf, which a volume is made from, has no key c.",
  ],
  [
    "{ name: v, configMap: { name: conf, items: [{ key: a.yaml, path: ../a }] } }",
    "The path ../a leaves the volume that it is in.",
  ],
  ["{ name: v, hostPath: { path: / } }", "The volume v is of the kind hostPath"],
  ["{ name: v, projected: { sources: [{ clusterTrustBundle: {} }] } }", "of the kind clusterTrustBundle"],
])("%s is an error", (volume, message) => {
  expect(() => files(volume)).toThrow(message);
});

test("files are written with their modes, and written again over read-only ones", async () => {
  const folder = await mkdtemp(join(tmpdir(), "volumes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const volume = join(folder, "v");
  for (const text of ["old", "new"]) {
    await writeVolume(volume, [{ path: "deep/file", content: Buffer.from(text), mode: 0o400 }]);
  }
  expect(await readFile(join(volume, "deep/file"), "utf8")).toBe("new");
  expect((await stat(join(volume, "deep/file"))).mode & 0o777).toBe(0o400);
  await writeVolume(join(folder, "w"), "writable");
  expect((await stat(join(folder, "w"))).mode & 0o777).toBe(0o777);
});

test("what a pod refers to is found in its containers, its sidecars and its volumes", () => {
  const { configMaps, secrets, tokens } = referencesOf(
    podFrom(`
spec:
  initContainers:
    - { name: once, envFrom: [{ configMapRef: { name: not-this } }] }
    - { name: sidecar, restartPolicy: Always, envFrom: [{ configMapRef: { name: c1 } }] }
  containers:
    - name: a
      envFrom: [{ secretRef: { name: s1 } }]
      env:
        - { name: A, valueFrom: { configMapKeyRef: { name: c2, key: a } } }
        - { name: B, valueFrom: { secretKeyRef: { name: s2, key: a } } }
  volumes:
    - { name: v1, configMap: { name: c3 } }
    - { name: v2, secret: { secretName: s3 } }
    - name: v3
      projected:
        sources: [{ configMap: { name: c4 } }, { secret: { name: s4 } }, { serviceAccountToken: { path: t } }]
`),
  );
  expect([...configMaps].sort()).toEqual(["c1", "c2", "c3", "c4"]);
  expect([...secrets].sort()).toEqual(["s1", "s2", "s3", "s4"]);
  expect(tokens).toEqual([{ volume: "v3", path: "t", audience: undefined, expirationSeconds: undefined }]);
});
