import type { ListedAgent } from "../deepflow/agent-list.ts";
import type { Finding } from "../finding.ts";

/** What was asked about agents. */
export interface AskedAgents {
  readonly listed: readonly ListedAgent[];
  /** Group that the stack configures; `undefined` where it configures none. */
  readonly group: string | undefined;
  /** A sentence where the agent that spans are sent to does not listen. */
  readonly silence: string | undefined;
}

/** The state of an agent that works (deepflow `cli/ctl/common/const.go`, VtapState). */
const running = 1;
const states: Readonly<Record<number, string>> = { 0: "lost", 2: "disabled", 3: "pending" };

/** Exceptions that have to do with spans (deepflow `message/agent.proto`), and what they mean. */
const exceptions: Readonly<Record<number, { name: string; means: string; fix: string }>> = {
  256: {
    name: "INVALID_CONFIGURATION",
    means: "It cannot read its group's configuration, and discards all of it: a port out of range, for one.",
    fix: "Correct the group's configuration with deepflow-ctl agent-group-config update.",
  },
  262144: {
    name: "INTEGRATION_SOCKET_ERROR",
    means:
      "Its port for OpenTelemetry data is taken by another process, or a sender broke off in the middle of a request.",
    fix: "On that node, see who listens on the port (38086 unless the group says otherwise); where that is the agent, restart it and see whether the exception comes back.",
  },
};

/** Whether the agents run without exceptions, and listen where spans are sent to. */
export function judgeAgents({ listed, group, silence }: AskedAgents): Finding {
  const lost = listed.filter(({ state }) => state !== running);
  const troubled = listed.filter((agent) => agent.exceptions.length > 0);
  const ofGroup = listed.filter((agent) => agent.group === group);
  if (listed.length === 0) {
    return failed(
      "DeepFlow's controller knows no agent.",
      "There are no deepflow-agents, or none has ever reached deepflow-server.",
      "Look at `kubectl logs -n deepflow daemonset/deepflow-agent`: it names the controller that it looks for.",
    );
  }
  if (lost.length > 0) {
    return failed(
      `Of ${listed.length} agents these do not run: ${lost.map(({ name, state }) => `${name} (${states[state] ?? state})`).join(", ")}.`,
      "Spans that their nodes' Collectors hand over are lost or wait.",
      "Look at those agents' pods and logs; agents restart for some minutes after their group's configuration has changed.",
    );
  }
  const [first] = troubled;
  if (first) {
    const known = first.exceptions.flatMap((bit) => exceptions[bit] ?? []);
    const names = (agent: ListedAgent) => agent.exceptions.map((bit) => exceptions[bit]?.name ?? String(bit));
    return failed(
      `Agents with exceptions: ${troubled.map((agent) => `${agent.name} (${names(agent).join(", ")})`).join(", ")}.`,
      known[0]?.means ?? "Those agents tell of something that is wrong with them.",
      known[0]?.fix ?? "`deepflow-ctl agent list` names the exceptions; the agents' logs say more.",
    );
  }
  if (group !== undefined && ofGroup.length === 0) {
    return failed(
      `None of ${listed.length} agents is of the group ${group}; they are of ${[...new Set(listed.map((agent) => agent.group))].join(", ")}.`,
      "What the stack configures concerns no agent.",
      "Set deepflow-otel:agentGroup.name to the group that the agents are of: they join one when they register first, and stay there.",
    );
  }
  if (silence !== undefined) {
    return failed(
      silence,
      "The agents do not listen where the spans are sent to.",
      "See that inputs.integration.enabled is not false in the agents' group, and that their Service leads to the port inputs.integration.listen_port.",
    );
  }
  const others =
    group === undefined || ofGroup.length === listed.length ? "" : `, ${ofGroup.length} of group ${group}`;
  return {
    state: "passed",
    saw: `${listed.length} agents run without exceptions${others}, and one answers where spans are sent to.`,
  };
}

function failed(saw: string, means: string, fix: string): Finding {
  return { state: "failed", saw, means, fix, mayPass: true };
}
