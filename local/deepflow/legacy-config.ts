import { readFileSync } from "node:fs";
import { dump } from "js-yaml";
import { isMap, tagOf, unmarshalMap } from "./go-yaml.ts";

/** What the servers before v6.6.9 keep of a configuration: values of known flat keys, no text. */
export type LegacyConfig = Readonly<Record<string, unknown>>;

type FieldType = "int" | "float32" | "string" | "bool" | "[]int" | "[]string";

/**
 * In the order in which they are written out: that of the Go struct in server/agent_config/config.go, in
 * part.
 */
const fields: Readonly<Record<string, FieldType>> = {
  max_collect_pps: "int",
  max_npb_bps: "int",
  max_cpus: "int",
  max_millicpus: "int",
  max_memory: "int",
  sync_interval: "int",
  platform_sync_interval: "int",
  stats_interval: "int",
  rsyslog_enabled: "int",
  system_load_circuit_breaker_threshold: "float32",
  system_load_circuit_breaker_metric: "string",
  max_tx_bandwidth: "int",
  tap_interface_regex: "string",
  max_escape_seconds: "int",
  mtu: "int",
  collector_socket_type: "string",
  collector_enabled: "int",
  l4_log_tap_types: "[]int",
  platform_enabled: "int",
  extra_netns_regex: "string",
  capture_packet_size: "int",
  log_threshold: "int",
  log_level: "string",
  log_retention: "int",
  http_log_proxy_client: "string",
  http_log_trace_id: "string",
  l7_log_packet_size: "int",
  l7_metrics_enabled: "int",
  capture_bpf: "string",
  thread_threshold: "int",
  process_threshold: "int",
  ntp_enabled: "int",
  domains: "[]string",
  http_log_span_id: "string",
  external_agent_http_proxy_enabled: "int",
  external_agent_http_proxy_port: "int",
  analyzer_port: "int",
  proxy_controller_port: "int",
  wasm_plugins: "[]string",
  so_plugins: "[]string",
};

const staticFields: Readonly<Record<string, FieldType>> = {
  "log-level": "string",
  profiler: "bool",
  "afpacket-blocks-enabled": "bool",
  "afpacket-blocks": "int",
  "src-interfaces": "[]string",
  "kubernetes-namespace": "string",
  "kubernetes-api-list-limit": "int",
  "ingress-flavour": "string",
  "grpc-buffer-size": "int",
  "l7-protocol-enabled": "[]string",
  "external-agent-http-proxy-compressed": "bool",
  "external-profile-integration-disabled": "bool",
  "external-trace-integration-disabled": "bool",
  "external-metric-integration-disabled": "bool",
  "external-log-integration-disabled": "bool",
};

/** The flat keys, as an old server lists them. */
export const legacyFields: readonly string[] = Object.keys(fields);

/** What the old `example` prints. */
export const legacyConfigExample = readFileSync(
  new URL("legacy-config-example.yaml", import.meta.url),
  "utf8",
);

/**
 * The values that an old server takes out of a text; keys that it does not know are passed over, and with
 * them every key of the new language.
 *
 * @throws Error as go-yaml words it, for text that is not YAML and for values of another type than the field.
 */
export function parseLegacyConfig(text: string): { group?: string; config: LegacyConfig } {
  const given = unmarshalMap(text);
  const { vtap_group_id: group } = taken(given, { vtap_group_id: "string" });
  const staticConfig = given["static_config"];
  const config = {
    ...taken(given, fields),
    ...(isMap(staticConfig) ? { static_config: taken(staticConfig, staticFields) } : {}),
  };
  return { ...(typeof group === "string" ? { group } : {}), config };
}

/**
 * The text that an old server makes of what it keeps: its own order of keys, no comments, `static_config`
 * last.
 */
export function legacyText(group: string, config: LegacyConfig): string {
  return yamlText({ vtap_group_id: group, ...config });
}

/** Text of some values, in their order. */
export function yamlText(values: LegacyConfig): string {
  return dump(values, { lineWidth: -1 });
}

function taken(
  given: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, FieldType>>,
): Record<string, unknown> {
  const entries = Object.entries(known).flatMap(([key, type]) => {
    const value = given[key];
    // A key without a value is one that was not written, and so is an empty list.
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return [];
    return [[key, converted(value, type)] as const];
  });
  return Object.fromEntries(entries);
}

function converted(value: unknown, type: FieldType): unknown {
  if (type.startsWith("[]")) {
    if (Array.isArray(value)) return value.map((item) => converted(item, type.slice(2) as FieldType));
  } else if (isOf(value, type)) {
    // Any scalar fits into a string.
    return type === "string" ? String(value) : value;
  }
  const found = Array.isArray(value)
    ? "!!seq"
    : isMap(value)
      ? "!!map"
      : `${tagOf(value)} \`${String(value)}\``;
  throw new Error(`yaml: unmarshal errors:\n  line 1: cannot unmarshal ${found} into ${type}`);
}

function isOf(value: unknown, type: FieldType): value is string | number | boolean {
  if (type === "string") return ["string", "number", "boolean"].includes(typeof value);
  if (type === "bool") return typeof value === "boolean";
  return typeof value === "number" && (type === "float32" || Number.isInteger(value));
}
