import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folders, renderFiles } from "../../render/files.ts";
import type { KubernetesObject } from "../../render/objects.ts";
import { readStackConfig, secretPlaceholder } from "../../render/stack-config.ts";
import { writeFiles } from "../../render/write.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "render-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const namespace: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const configMap: KubernetesObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "conf", namespace: "shop" },
};
const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "mysql", namespace: "shop" },
  stringData: { password: "not-to-be-seen" },
};

describe("the layout", () => {
  test("is a file per object: cluster/ for what has no namespace, a folder per namespace for the rest", () => {
    const files = renderFiles([configMap, namespace], "dev");
    expect([...files.keys()]).toEqual([
      "README.md",
      "cluster/namespace-shop.yaml",
      "shop/configmap-conf.yaml",
    ]);
    expect(folders(files)).toEqual(["cluster", "shop"]);
  });

  test("keeps a Secret's content out of every file, and says what to create", () => {
    const files = renderFiles([namespace, secret], "dev");
    expect([...files.values()].join("\n")).not.toContain("not-to-be-seen");
    expect(files.get("README.md")).toContain(
      "kubectl create secret generic -n shop mysql --from-literal=password=…",
    );
    expect([...files.keys()]).toEqual(["README.md", "cluster/namespace-shop.yaml"]);
  });

  test("has no place for an object that lacks its namespace", () => {
    expect(() => renderFiles([{ ...configMap, metadata: { name: "conf" } }], "dev")).toThrow(
      "ConfigMap conf has no metadata.namespace; set it, or list its kind as one without.",
    );
  });

  test("has no place for two objects of one name", () => {
    expect(() => renderFiles([configMap, configMap], "dev")).toThrow(
      "ConfigMap shop/conf is registered twice; rename one of the two.",
    );
  });
});

describe("writing", () => {
  test("removes what an earlier rendering left and this one has not", () => {
    writeFiles(folder, renderFiles([namespace, configMap], "dev"));
    writeFiles(folder, renderFiles([namespace], "dev"));
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
      "README.md",
      "cluster",
      "cluster/namespace-shop.yaml",
    ]);
  });

  test("refuses a folder that holds somebody's own files, and changes nothing there", () => {
    writeFileSync(join(folder, "notes.yaml"), "mine: true\n");
    expect(() => {
      writeFiles(folder, renderFiles([namespace], "dev"));
    }).toThrow(
      `${folder} holds files that no rendering wrote (notes.yaml); choose an empty folder or a new one.`,
    );
    expect(readdirSync(folder)).toEqual(["notes.yaml"]);
  });
});

describe("a stack's configuration without the engine", () => {
  test("is what the engine would hand over: JSON for structures, text for the rest", () => {
    writeFileSync(
      join(folder, "Pulumi.a.yaml"),
      "config:\n  p:topology: agent\n  p:otelAgent:\n    selfMetrics: true\n  p:number: 5\n",
    );
    expect(readStackConfig(folder, "a").config).toEqual({
      "p:topology": "agent",
      "p:otelAgent": '{"selfMetrics":true}',
      "p:number": "5",
    });
  });

  test("has a placeholder for an encrypted value, and remembers which key it was", () => {
    writeFileSync(
      join(folder, "Pulumi.a.yaml"),
      "config:\n  p:a:\n    secure: AAAB\n  p:b:\n    list:\n      - secure: AAAC\n  p:c: plain\n",
    );
    const { config, secretKeys } = readStackConfig(folder, "a");
    expect(config).toEqual({
      "p:a": secretPlaceholder,
      "p:b": `{"list":["${secretPlaceholder}"]}`,
      "p:c": "plain",
    });
    expect([...secretKeys]).toEqual(["p:a", "p:b"]);
  });

  test("that has no settings is empty", () => {
    writeFileSync(join(folder, "Pulumi.a.yaml"), "");
    expect(readStackConfig(folder, "a").config).toEqual({});
  });

  test("that is not there is an error that names the stacks that are", () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "");
    expect(() => readStackConfig(folder, "prod")).toThrow(
      "There is no Pulumi.prod.yaml; create it, or choose one of these stacks: dev.",
    );
  });

  test("that is no YAML, or no configuration, is an error that names the file", () => {
    writeFileSync(join(folder, "Pulumi.a.yaml"), "config: [unclosed");
    writeFileSync(join(folder, "Pulumi.b.yaml"), "config: some text");
    expect(() => readStackConfig(folder, "a")).toThrow("Pulumi.a.yaml is not YAML: ");
    expect(() => readStackConfig(folder, "b")).toThrow(
      "Pulumi.b.yaml is no stack configuration; write settings below the key config.",
    );
  });
});
