import type * as k8s from "@pulumi/kubernetes";

/** A variable's value: a text (`$(NAME)` is an earlier variable), a field of the pod, or a Secret's key. */
export type Value =
  string | { readonly fieldPath: string } | { readonly secret: string; readonly key: string };

/** A container's variable as Kubernetes takes it. */
export function envVar(name: string, value: Value): k8s.types.input.core.v1.EnvVar {
  if (typeof value === "string") return { name, value };
  if ("fieldPath" in value) return { name, valueFrom: { fieldRef: { fieldPath: value.fieldPath } } };
  return { name, valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } };
}
