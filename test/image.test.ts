import { expect, test } from "vitest";
import { imageReference } from "../components/image.ts";

const image = { registry: "docker.io", repository: "otel/collector", tag: "1.2.3" };
const digest = `sha256:${"a".repeat(64)}`;

test("an image without a digest is pulled by its tag", () => {
  expect(imageReference(image)).toBe("docker.io/otel/collector:1.2.3");
});

test("a mirror replaces the registry and nothing else", () => {
  expect(imageReference({ ...image, digest }, "mirror.example.com/hub")).toBe(
    `mirror.example.com/hub/otel/collector:1.2.3@${digest}`,
  );
});

test("a digest alone is enough", () => {
  expect(imageReference({ registry: "docker.io", repository: "otel/collector", digest })).toBe(
    `docker.io/otel/collector@${digest}`,
  );
});
