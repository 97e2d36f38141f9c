import type { V1Container, V1EnvVar, V1Pod } from "@kubernetes/client-node";
import { apiServerAddress } from "../control-plane/network.ts";
import { fieldValue, resourceValue } from "./downward.ts";
import { expand } from "./expansion.ts";
import type { Entries, PodObjects } from "./pod-objects.ts";

/**
 * The environment that a kubelet gives `container`: its own variables over those of envFrom over the few that
 * every container has. Variables of other Services ("service links") are left out: nothing here reads them.
 *
 * @throws Error naming what a variable refers to when that does not exist and is not optional.
 */
export function environmentOf(
  pod: V1Pod,
  container: V1Container,
  objects: PodObjects,
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/",
    HOSTNAME: pod.spec?.hostname ?? pod.metadata?.name ?? "",
    KUBERNETES_SERVICE_HOST: apiServerAddress,
    KUBERNETES_SERVICE_PORT: "443",
    KUBERNETES_SERVICE_PORT_HTTPS: "443",
  };
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const kind = configMapRef ? "ConfigMap" : "Secret";
    const name = configMapRef?.name ?? secretRef?.name ?? "";
    const entries = (configMapRef ? objects.configMaps : objects.secrets).get(name);
    if (entries === undefined && (configMapRef?.optional ?? secretRef?.optional) !== true) {
      throw new Error(`${kind} ${name}, from which ${container.name} takes variables, does not exist.`);
    }
    for (const [key, value] of Object.entries(entries ?? {}))
      environment[prefix + key] = value.toString("utf8");
  }
  for (const variable of container.env ?? []) {
    const value = variableValue(pod, container, variable, environment, objects);
    if (value !== undefined) environment[variable.name] = value;
  }
  return environment;
}

/**
 * Undefined when it refers to something optional that does not exist: then the variable is not set at all.
 */
function variableValue(
  pod: V1Pod,
  container: V1Container,
  { name, value, valueFrom }: V1EnvVar,
  environment: Record<string, string>,
  objects: PodObjects,
): string | undefined {
  if (valueFrom === undefined) return expand(value ?? "", environment);
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return fieldValue(pod, fieldRef);
  if (resourceFieldRef) {
    const from = resourceFieldRef.containerName ?? container.name;
    return resourceValue(pod, from, resourceFieldRef, objects.allocatable);
  }
  if (configMapKeyRef) return keyValue(name, "ConfigMap", configMapKeyRef, objects.configMaps);
  if (secretKeyRef) return keyValue(name, "Secret", secretKeyRef, objects.secrets);
  throw new Error(
    `Variable ${name} has a kind of valueFrom that is not supported here: ${Object.keys(valueFrom).join()}.`,
  );
}

function keyValue(
  variable: string,
  kind: "ConfigMap" | "Secret",
  { name = "", key, optional }: { name?: string; key: string; optional?: boolean },
  known: ReadonlyMap<string, Entries>,
): string | undefined {
  const value = known.get(name)?.[key];
  if (value !== undefined) return value.toString("utf8");
  if (optional === true) return undefined;
  const missing = known.has(name) ? `has no key ${key}` : "does not exist";
  throw new Error(`${kind} ${name}, from which variable ${variable} is taken, ${missing}.`);
}
