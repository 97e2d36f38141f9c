import { describe, expect, test } from "vitest";
import {
  configSyntaxOf,
  testedIn,
  versionOf,
  versionOfTag,
  versionRows,
} from "../../components/otel-agent/collector-version.ts";

describe("a tag's version", () => {
  test.each([
    ["0.149.0", [0, 149, 0]],
    ["v0.149.0", [0, 149, 0]],
    ["0.149.0-amd64", [0, 149, 0]],
    ["1.2.3", [1, 2, 3]],
  ])("%s is %j", (tag, version) => {
    expect(versionOfTag(tag)).toEqual(version);
  });

  test.each(["latest", "0.149", "nightly", "2026-11-01", "sha-0.149.0", "0.149.0.1", ""])(
    "%j says none",
    (tag) => {
      expect(versionOfTag(tag)).toBeUndefined();
    },
  );
});

const image = { registry: "docker.io", repository: "otel/collector" };

test("a stated version wins over the tag's, and a digest alone says none", () => {
  expect(versionOf({ ...image, tag: "0.149.0" }, "0.120.0")).toEqual([0, 120, 0]);
  expect(versionOf({ ...image, digest: "sha256:0" }, undefined)).toBeUndefined();
  expect(versionOf(image, undefined)).toEqual([0, 149, 0]);
});

test("each version speaks what all rows up to it changed", () => {
  expect(configSyntaxOf([0, 109, 0])).toBeUndefined();
  expect(configSyntaxOf([0, 145, 3])).toEqual({
    k8sAttributes: "k8sattributes",
    otlpHttp: "otlp_http",
    batching: "exporter",
    waitForMetadata: true,
    deploymentName: "asked",
  });
  expect(configSyntaxOf([1, 0, 0])).toEqual(configSyntaxOf([0, 160, 0]));
});

test("rows are in order, each says where it is from, and only those that the tests run are proven", () => {
  const versions = versionRows.map(({ since }) => since[0] * 1e6 + since[1] * 1e3 + since[2]);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  for (const { source } of versionRows) expect(source).toMatch(/(core|contrib) 0\.\d+\.\d+, PR \d+/);
  expect(versionRows.filter((row) => testedIn(row).length > 0).map(({ since }) => since.join("."))).toEqual([
    "0.146.0",
    "0.160.0",
  ]);
});
