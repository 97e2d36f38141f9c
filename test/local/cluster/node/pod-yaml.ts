import type { V1Pod } from "@kubernetes/client-node";
import { load } from "js-yaml";
import type { PodObjects } from "../../../../local/cluster/node/pod-objects.ts";

/** A pod as the API server would have it. */
export function podFrom(yaml: string): V1Pod {
  return load(yaml) as V1Pod;
}

/** What a pod refers to, from text. */
export function podObjects({
  configMaps = {},
  secrets = {},
  tokens = {},
  allocatable = {},
}: {
  configMaps?: Record<string, Record<string, string>>;
  secrets?: Record<string, Record<string, string>>;
  tokens?: Record<string, string>;
  allocatable?: Record<string, string>;
} = {}): PodObjects {
  const entries = (objects: Record<string, Record<string, string>>): PodObjects["configMaps"] =>
    new Map(
      Object.entries(objects).map(([name, data]) => [
        name,
        Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text)])),
      ]),
    );
  return {
    configMaps: entries(configMaps),
    secrets: entries(secrets),
    tokens: new Map(Object.entries(tokens)),
    allocatable,
  };
}
