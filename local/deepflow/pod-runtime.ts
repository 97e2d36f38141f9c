import type { ContainerContext, PodRuntime } from "../cluster/node/image-programs.ts";
import type { RunningProgram } from "../cluster/node/pod-process.ts";
import type { Agent } from "./controller-groups.ts";
import { startDeepflowAgent } from "./deepflow-agent.ts";
import { startDeepflowApp } from "./deepflow-app.ts";
import { startDeepflowServer } from "./deepflow-server.ts";
import { FlowRows } from "./flow-rows.ts";
import { Received, type ReceivedQuery } from "./received.ts";

/**
 * What stands in for DeepFlow's images, and what was received by all agents of the cluster.
 *
 * | route            | body            | answer                           |
 * | ---------------- | --------------- | -------------------------------- |
 * | `GET /received`  |                 | `ReceivedSpans`, all             |
 * | `POST /received` | `ReceivedQuery` | `ReceivedSpans`, those asked for |
 */
export function deepFlowRuntime(): PodRuntime {
  const received = new Received();
  const flows = new FlowRows();
  const rows = () => flows.rows();
  const agents: Agent[] = [];

  const startAgent = async (context: ContainerContext): Promise<RunningProgram> => {
    const add: Received["add"] = (spans, by) => {
      received.add(spans, by);
      flows.add(spans, context.resources());
    };
    const agent = await startDeepflowAgent({ ...context, received: { add } });
    const listed: Agent = {
      name: context.pod.metadata?.name ?? "",
      group: "default",
      get exceptions() {
        return bitsOf(agent.exceptions());
      },
    };
    agents.push(listed);
    void agent.exited.then(() => agents.splice(agents.indexOf(listed), 1));
    return agent;
  };

  return {
    programs: {
      "deepflow-agent": { name: "deepflow-agent", start: startAgent },
      "deepflow-server": {
        name: "deepflow-server",
        start: (context) => startDeepflowServer({ ...context, agents, rows }),
      },
      "deepflow-app": { name: "deepflow-app", start: (context) => startDeepflowApp(context, rows) },
    },
    routes: {
      "GET /received": () => Promise.resolve(received.query({})),
      "POST /received": (body) => Promise.resolve(received.query((body ?? {}) as ReceivedQuery)),
    },
  };
}

/** The powers of two that a number is the sum of. */
function bitsOf(bits: number): number[] {
  return Array.from({ length: 31 }, (_, place) => 2 ** place).filter((bit) => (bits & bit) !== 0);
}
