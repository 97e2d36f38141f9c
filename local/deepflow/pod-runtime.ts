import type { PodRuntime } from "../cluster/node/image-programs.ts";
import { startDeepflowAgent } from "./deepflow-agent.ts";
import { startDeepflowServer } from "./deepflow-server.ts";
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
  return {
    programs: {
      "deepflow-agent": {
        name: "deepflow-agent",
        start: (context) => startDeepflowAgent({ ...context, received }),
      },
      "deepflow-server": { name: "deepflow-server", start: startDeepflowServer },
    },
    routes: {
      "GET /received": () => Promise.resolve(received.query({})),
      "POST /received": (body) => Promise.resolve(received.query((body ?? {}) as ReceivedQuery)),
    },
  };
}
