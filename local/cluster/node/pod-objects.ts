import type { CoreV1Api, V1Container, V1Pod } from "@kubernetes/client-node";
import {
  ApiException,
  AuthenticationV1TokenRequest,
  V1BoundObjectReference,
  V1TokenRequestSpec,
} from "@kubernetes/client-node";

/** A ConfigMap's or Secret's content, decoded. */
export type Entries = Readonly<Record<string, Buffer>>;

/** What a pod's containers and volumes refer to, as the API server has it; what does not exist is absent. */
export interface PodObjects {
  configMaps: ReadonlyMap<string, Entries>;
  secrets: ReadonlyMap<string, Entries>;
  /** ServiceAccount tokens by the volume and the path in it that they are for: `volume/path`. */
  tokens: ReadonlyMap<string, string>;
  /** The node's allocatable resources, which stand in for limits that a container does not set. */
  allocatable: Readonly<Record<string, string>>;
}

/** Names of the ConfigMaps and Secrets, and the tokens, that a pod refers to. */
export interface References {
  configMaps: Set<string>;
  secrets: Set<string>;
  tokens: {
    volume: string;
    path: string;
    audience: string | undefined;
    expirationSeconds: number | undefined;
  }[];
}

/** Everything that `pod` refers to in its containers' environment and in its volumes. */
export function referencesOf(pod: V1Pod): References {
  const references: References = { configMaps: new Set(), secrets: new Set(), tokens: [] };
  const configMap = (name?: string): unknown => name !== undefined && references.configMaps.add(name);
  const secret = (name?: string): unknown => name !== undefined && references.secrets.add(name);
  for (const container of containersOf(pod)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      configMap(configMapRef?.name);
      secret(secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      configMap(valueFrom?.configMapKeyRef?.name);
      secret(valueFrom?.secretKeyRef?.name);
    }
  }
  for (const volume of pod.spec?.volumes ?? []) {
    configMap(volume.configMap?.name);
    secret(volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      configMap(source.configMap?.name);
      secret(source.secret?.name);
      if (source.serviceAccountToken) {
        const { path, audience, expirationSeconds } = source.serviceAccountToken;
        references.tokens.push({ volume: volume.name, path, audience, expirationSeconds });
      }
    }
  }
  return references;
}

/**
 * The containers that run for as long as the pod does: its own, and its sidecars among the init containers.
 */
export function containersOf(pod: V1Pod): V1Container[] {
  const sidecars = pod.spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  return [...sidecars, ...(pod.spec?.containers ?? [])];
}

/** Reads what `pod` refers to, with tokens bound to it as the kubelet asks for them (TokenRequest). */
export async function fetchPodObjects(api: CoreV1Api, pod: V1Pod): Promise<PodObjects> {
  const namespace = pod.metadata?.namespace ?? "";
  const { configMaps, secrets, tokens } = referencesOf(pod);
  const [configMapEntries, secretEntries, tokenEntries, node] = await Promise.all([
    fetchEach(configMaps, async (configMap) => {
      const { data, binaryData } = await api.readNamespacedConfigMap({ namespace, name: configMap });
      return { ...buffers(data, "utf8"), ...buffers(binaryData, "base64") };
    }),
    fetchEach(secrets, async (secret) =>
      buffers((await api.readNamespacedSecret({ namespace, name: secret })).data, "base64"),
    ),
    Promise.all(
      tokens.map(async (token): Promise<[string, string]> => {
        const name = pod.spec?.serviceAccountName ?? "default";
        const body = tokenRequest(pod, token);
        const { status } = await api.createNamespacedServiceAccountToken({ namespace, name, body });
        return [`${token.volume}/${token.path}`, status?.token ?? ""];
      }),
    ),
    found(api.readNode({ name: pod.spec?.nodeName ?? "" })),
  ]);
  return {
    configMaps: configMapEntries,
    secrets: secretEntries,
    tokens: new Map(tokenEntries),
    allocatable: node?.status?.allocatable ?? {},
  };
}

function tokenRequest(
  pod: V1Pod,
  { audience, expirationSeconds }: References["tokens"][number],
): AuthenticationV1TokenRequest {
  const boundTo = new V1BoundObjectReference();
  boundTo.apiVersion = "v1";
  boundTo.kind = "Pod";
  boundTo.name = pod.metadata?.name ?? "";
  boundTo.uid = pod.metadata?.uid ?? "";
  const request = new AuthenticationV1TokenRequest();
  request.spec = new V1TokenRequestSpec();
  request.spec.audiences = audience === undefined ? [] : [audience];
  if (expirationSeconds !== undefined) request.spec.expirationSeconds = expirationSeconds;
  request.spec.boundObjectRef = boundTo;
  return request;
}

async function fetchEach(
  names: Set<string>,
  fetch: (name: string) => Promise<Entries>,
): Promise<Map<string, Entries>> {
  const entries = new Map<string, Entries>();
  await Promise.all(
    [...names].map(async (name) => {
      const object = await found(fetch(name));
      if (object !== undefined) entries.set(name, object);
    }),
  );
  return entries;
}

async function found<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

function buffers(data: Record<string, string> = {}, encoding: BufferEncoding): Entries {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}
