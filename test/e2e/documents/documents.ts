import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load, loadAll } from "js-yaml";

/** The documents' manifest. */
export const documents = join(import.meta.dirname, "open-telemetry.yaml");

interface CollectorConfig {
  extensions: Record<string, unknown>;
  receivers: unknown;
  processors: Record<string, unknown>;
  service: { telemetry?: unknown; extensions: string[]; pipelines: { traces: { processors: string[] } } };
}

interface Manifest {
  kind: string;
  data?: Record<string, string>;
  spec?: { template?: { spec: { containers: { env: unknown[] }[] } } };
}

const key = "otel-agent-config";

/** The Collector's configuration in the documents' manifest. */
export function documentsConfig(): string {
  return manifests().find(({ kind }) => kind === "ConfigMap")?.data?.[key] ?? "";
}

/**
 * The documents' manifest with just enough changed for a current Collector to start and be reached, so that
 * what is wrong with its pipeline shows: no `memory_ballast`, and receivers that do not listen on localhost.
 * What listens on localhost beside them (zpages, metrics) goes as well, because the pods of an embedded
 * cluster share one.
 *
 * @param change further changes to the configuration.
 */
export function documentsMadeToRun(change: (config: CollectorConfig) => void = () => undefined): string {
  const changed = manifests().map((manifest) => {
    if (manifest.kind === "ConfigMap") {
      const config = load(manifest.data?.[key] ?? "") as CollectorConfig;
      config.extensions = {};
      config.service.extensions = [];
      config.service.telemetry = { metrics: { level: "none" } };
      const endpoint = (port: number) => ({ endpoint: `\${env:MY_POD_IP}:${port}` });
      config.receivers = { otlp: { protocols: { grpc: endpoint(4317), http: endpoint(4318) } } };
      change(config);
      return { ...manifest, data: { [key]: dump(config) } };
    }
    if (manifest.kind === "DaemonSet") {
      const podIp = { name: "MY_POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };
      manifest.spec?.template?.spec.containers[0]?.env.push(podIp);
    }
    return manifest;
  });
  return changed.map((manifest) => dump(manifest)).join("---\n");
}

function manifests(): Manifest[] {
  return loadAll(readFileSync(documents, "utf8")) as Manifest[];
}
