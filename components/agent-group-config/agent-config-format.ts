import type { Key, Value } from "./messages.ts";
import type { Path } from "./yaml-edit.ts";

export type { Integration, Key } from "./messages.ts";

/** One of DeepFlow's two languages for an agent group's configuration. */
export interface AgentConfigFormat {
  readonly name: "new" | "old";
  /** Where a setting is. */
  readonly paths: Readonly<Record<Key, Path>>;
  /** How a setting's value is written. */
  write(key: Key, value: boolean | number): Value;
  /**
   * What the server takes as a setting's value. New servers refuse a text with a value of another type
   * (deepflow `server/agent_config/template_json.go`); old ones keep values of this type alone
   * (`server/agent_config/config.go` at v6.5.9).
   */
  readonly types: Readonly<Record<Key, "boolean" | "number">>;
  /** What holds where nothing is written, as far as every server of the generation agrees. */
  readonly defaults: Readonly<Partial<Record<Key, Value>>>;
  /** What a document that does not exist yet begins with. */
  beginning(groupId: string): string;
  /** Keys that are there only because the server wants them, and say nothing. */
  readonly own: readonly string[];
}

/**
 * The two languages. The new one came with deepflow-server 6.6 (deepflow `server/agent_config/template.yaml`,
 * whose `upgrade_from` lines give the old names); it rejects every old key.
 */
export const agentConfigFormats: Readonly<Record<"new" | "old", AgentConfigFormat>> = {
  new: {
    name: "new",
    paths: {
      enabled: ["inputs", "integration", "enabled"],
      listenPort: ["inputs", "integration", "listen_port"],
      traces: ["inputs", "integration", "feature_control", "trace_integration_disabled"],
    },
    write: (key, value) => (key === "traces" ? !value : value),
    types: { enabled: "boolean", listenPort: "number", traces: "boolean" },
    // From deepflow-server 6.3 on agents take data unless they are told not to (deepflow 916a66e43).
    defaults: { enabled: true, listenPort: 38086, traces: false },
    beginning: () => "",
    own: [],
  },
  old: {
    name: "old",
    paths: {
      enabled: ["external_agent_http_proxy_enabled"],
      listenPort: ["external_agent_http_proxy_port"],
      traces: ["static_config", "external-trace-integration-disabled"],
    },
    // The old server takes 0 and 1 where the new one insists on booleans.
    write: (key, value) => (key === "traces" ? !value : typeof value === "boolean" ? Number(value) : value),
    types: { enabled: "number", listenPort: "number", traces: "boolean" },
    defaults: {},
    beginning: (groupId) => `vtap_group_id: ${groupId}\n`,
    own: ["vtap_group_id", "agent_group_id"],
  },
};
