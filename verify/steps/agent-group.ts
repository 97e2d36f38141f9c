import type { AgentConfigFormat } from "../../components/agent-group-config/agent-config-format.ts";
import type { Change } from "../../components/agent-group-config/document.ts";
import { valueAt } from "../../components/agent-group-config/yaml-edit.ts";
import type { Finding } from "../finding.ts";

/** What is stored for an agent group, beside what the stack wants of it. */
export interface StoredAgentGroup {
  readonly name: string;
  readonly format: AgentConfigFormat;
  /** `undefined`: nothing is stored, so that the defaults hold. */
  readonly stored: string | undefined;
  /** What the stack's settings would change in it. */
  readonly changes: readonly Change[];
}

/** Whether the group's configuration says what the stack's settings say, and does not drop traces. */
export function judgeAgentGroup({ name, format, stored, changes }: StoredAgentGroup): Finding {
  const differing = changes.filter(({ restarts }) => restarts);
  const [tracesPath, traces] = [format.paths.traces, stored && valueAt(stored, format.paths.traces)];
  if (differing.length > 0) {
    const list = differing.map(
      ({ key, from, to }) => `${key} is ${show(from)}, and the stack says ${show(to)}`,
    );
    return failed(
      `Agent group ${name}: ${list.join("; ")}.`,
      "Somebody else has changed the configuration, or the stack's settings have not been brought up.",
    );
  }
  if (traces === true) {
    return failed(
      `Agent group ${name}: ${tracesPath.join(".")} is true.`,
      "The group's agents answer every span with 200, and drop it.",
      "Set deepflow-otel:agentGroup.integration.traces to true, and run `pulumi up`.",
    );
  }
  const unwritten = changes.map(({ key, to }) => `${key} is not written, and ${show(to)} is the default`);
  const details = unwritten.length > 0 ? ` (${unwritten.join("; ")})` : "";
  return { state: "passed", saw: `Agent group ${name} is configured as the stack says${details}.` };
}

function failed(
  saw: string,
  means: string,
  fix = "Run `pulumi up`; it puts the group's settings back.",
): Finding {
  return { state: "failed", saw, means, fix, mayPass: false };
}

function show(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}
