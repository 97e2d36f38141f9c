import { randomBytes } from "node:crypto";
import { loadAll } from "js-yaml";
import type { RenderedFiles } from "../render/files.ts";

/** An object as the API server takes it. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * What a rendering needs and does not bring: the Secrets that its pods refer to, which are never rendered,
 * with random values; and a PersistentVolume for each of its claims, because simulated nodes provision none.
 */
export function prerequisites(files: RenderedFiles): { secrets: ApiObject[]; volumes: ApiObject[] } {
  const objects = [...files]
    .filter(([path]) => path.endsWith(".yaml"))
    .flatMap(([, content]) => loadAll(content) as RenderedObject[]);
  const references = Map.groupBy(
    objects.flatMap(secretReferences),
    ({ namespace, name }) => `${namespace}/${name}`,
  );
  return { secrets: [...references.values()].map(secret), volumes: objects.flatMap(volume) };
}

/** Label of the volumes that are made here. */
export const ourVolumes = { key: "app.kubernetes.io/managed-by", value: "embedded-cluster" };

interface RenderedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly template?: { readonly spec?: PodSpec };
    readonly resources?: { readonly requests?: { readonly storage?: string } };
    readonly storageClassName?: string;
  };
}

interface PodSpec {
  readonly containers?: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
}

interface ContainerSpec {
  readonly env?: readonly {
    readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
  }[];
}

interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

function secretReferences({ metadata, spec }: RenderedObject): SecretReference[] {
  const { containers = [], initContainers = [] } = spec?.template?.spec ?? {};
  const { namespace = "default" } = metadata;
  return [...initContainers, ...containers]
    .flatMap(({ env = [] }) => env)
    .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])
    .map(({ name, key }) => ({ namespace, name, key }));
}

function secret(references: readonly SecretReference[]): ApiObject & { stringData: object } {
  const [{ namespace, name } = { namespace: "default", name: "" }] = references;
  const keys = new Set(references.map(({ key }) => key));
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    stringData: Object.fromEntries([...keys].map((key) => [key, randomBytes(18).toString("base64url")])),
  };
}

function volume({ kind, metadata, spec }: RenderedObject): (ApiObject & { spec: object })[] {
  const size = spec?.resources?.requests?.storage;
  if (kind !== "PersistentVolumeClaim" || size === undefined) return [];
  const { namespace = "default" } = metadata;
  const name = `${namespace}-${metadata.name}`;
  const object = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, labels: { [ourVolumes.key]: ourVolumes.value } },
    spec: {
      capacity: { storage: size },
      accessModes: ["ReadWriteOnce"],
      storageClassName: spec?.storageClassName ?? "",
      // For this claim only, and for whoever claims by its name again.
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: metadata.name },
      hostPath: { path: `/var/lib/volumes/${name}` },
    },
  };
  return [object];
}
