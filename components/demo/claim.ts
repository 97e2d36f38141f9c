import type * as k8s from "@pulumi/kubernetes";
import { objectMetadata, type Persistence, type Row } from "./table.ts";

/**
 * Name of the claim for a service's data. A claim cannot change its class: the class is in the name, so that
 * another one is another claim, there before pods change over. Of the same name, Pulumi would delete the
 * claim first, and wait for the pod that uses it.
 */
export function claimName(name: string, { storageClass }: Pick<Persistence, "storageClass">): string {
  return storageClass === undefined ? `${name}-data` : `${name}-data-${storageClass}`;
}

/** The claim for a service's data, where it keeps any and the demo has storage. */
export function persistentVolumeClaim(row: Row): k8s.core.v1.PersistentVolumeClaimArgs | undefined {
  const { persistence } = row.demo;
  if (row.service.data === undefined || persistence === undefined) return undefined;
  const { size, storageClass } = persistence;
  return {
    metadata: {
      ...objectMetadata(row, claimName(row.name, persistence)),
      // Most classes bind a claim only when a pod uses it, and that pod is not there before the claim.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size.toString() } },
      ...(storageClass !== undefined && { storageClassName: storageClass }),
    },
  };
}
