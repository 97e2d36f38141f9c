import { expect, test } from "vitest";
import { programOf } from "../../local/cluster/node/image-programs.ts";
import { toolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { collectorOf } from "../../local/collector-image.ts";
import createPodRuntime from "../../local/pod-runtime.ts";

const otelcols = { "0.149.0": "/old", "0.158.0": "/new" };
const { programs } = createPodRuntime({ ...toolchain(), otelcols });

test.each([
  ["otel/opentelemetry-collector-contrib:0.149.0", "/otelcol-contrib"],
  ["opentelemetry-collector", "/otelcol"],
  [
    "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.149.0",
    "/otelcol-k8s",
  ],
  ["mirror.local:5000/otel/opentelemetry-collector-contrib@sha256:0123", "/otelcol-contrib"],
  ["mirror.local:5000/otel/opentelemetry-collector-contrib:1@sha256:0123", "/otelcol-contrib"],
])("%s is the Collector at %s", (name, path) => {
  const program = programOf(programs, name);
  expect(program?.name).toBe("otelcol");
  expect(program && "executable" in program && program.executable("otel:0.149.0").path).toBe(path);
});

test("deepflow-agent has a stand-in, and what nobody knows is simulated", () => {
  expect(programOf(programs, "registry.example/deepflow-ce/deepflow-agent:v7.1")?.name).toBe(
    "deepflow-agent",
  );
  expect(programOf(programs, "sample-app")).toBeUndefined();
  expect(programOf(programs, "constructor")).toBeUndefined();
  expect(programOf(programs, "my/opentelemetry-collector-contrib-fork:1")).toBeUndefined();
});

test.each([
  ["otel/opentelemetry-collector-contrib:0.158.0", "/new"],
  ["mirror.local:5000/otel/opentelemetry-collector-contrib:0.149.0-amd64@sha256:0123", "/old"],
  ["mirror.local:5000/opentelemetry-collector-contrib@sha256:0123", "/old"],
  ["opentelemetry-collector-contrib:nightly", "/old"],
])("%s is run by the Collector of its version", (image, program) => {
  expect(collectorOf(image, otelcols)).toBe(program);
});

test("a version that is not built is not stood in for by another", () => {
  expect(() => collectorOf("opentelemetry-collector-contrib:0.120.0", otelcols)).toThrow(
    "is a Collector of version 0.120.0, which is not built here; use one of 0.149.0, 0.158.0, or build all that there are: npm run toolchain.",
  );
});
