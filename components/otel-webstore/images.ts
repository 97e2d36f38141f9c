import type { Image } from "../image.ts";

/**
 * An image of opentelemetry-demo's releases (its `docker-compose.yml`, `.env` and
 * `.github/workflows/release.yml`, which builds on an amd64 machine for nothing else).
 */
export function releasedImage(tag: string): Image {
  return { registry: "ghcr.io", repository: "open-telemetry/demo", tag, architecture: "amd64" };
}

/**
 * An image of the documents' manifest (deepflowio/deepflow-demo,
 * DeepFlow-Otel-Grpc-Demo/deepflow-otel-grpc-demo.yaml), built from opentelemetry-demo in June 2022, before
 * v0.1.0-alpha, whose Dockerfiles fetched programs for amd64.
 */
export function documentsImage(service: string, tag: string | undefined): Image {
  return {
    registry: "registry.cn-beijing.aliyuncs.com",
    repository: `deepflow-demo/opentelemetry-demo-webstore_${service}`,
    tag,
    architecture: "amd64",
  };
}
