import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import { objectMetadata, type Row } from "./table.ts";

/** Key of a file in its ConfigMap: its name without the folder. */
export function fileKey(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Hash of a service's files: a file that is mounted by its path is never updated in a running pod. */
export function filesChecksum(content: Readonly<Record<string, string>>): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

/** The ConfigMap with a service's files, if it has any. */
export function filesConfigMap(row: Row): k8s.core.v1.ConfigMapArgs | undefined {
  const { files } = row.service;
  if (files === undefined) return undefined;
  const data = Object.entries(files.content).map(([path, text]) => [fileKey(path), text]);
  return {
    metadata: objectMetadata(row, files.configMap),
    data: Object.fromEntries(data) as Record<string, string>,
  };
}
