import { createHash } from "node:crypto";

/**
 * Key of the configuration in its ConfigMap; the name is the documents' own, so that their commands find it.
 */
export const configKey = "otel-agent-config";

/**
 * Name of the ConfigMap with a configuration: the documents' `otel-agent-conf`, and 10 digits of the
 * content's hash.
 *
 * A configuration never changes under a running pod: a Collector that is started again for whatever reason
 * comes back with the one that its pod began with, and one that a Collector refuses stops at the first new
 * pod of its rollout. That is why there is no `otelcol validate` before it, in an init container of every
 * pod: it would guard nothing more.
 */
export function configMapName(configYaml: string): string {
  return `otel-agent-conf-${createHash("sha256").update(configYaml).digest("hex").slice(0, 10)}`;
}
