import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { specOf } from "../components/agent-group-config/agent-group-config.ts";
import { agentGroupSettings, type AgentGroupSettings } from "../components/agent-group-config/settings.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { eventually } from "./cluster/pods.ts";
import { controllerAddress } from "./embedded-cluster.ts";

const program = join(import.meta.dirname, "..", "components", "agent-group-config", "program.ts");

/** Settings (`deepflow-otel:agentGroup`) that lead to the embedded cluster's controller. */
export function embeddedAgentGroup(cluster: Cluster): AgentGroupSettings {
  return agentGroupSettings.parse({ controller: controllerAddress(cluster), transport: "http" });
}

/**
 * Waits until DeepFlow's controller answers. A pod of a simulated node counts as ready before its program
 * listens.
 */
export async function controllerReady({ host, port }: ReturnType<typeof controllerAddress>): Promise<void> {
  await eventually(
    "An answer of DeepFlow's controller",
    () =>
      fetch(`http://${host}:${port}/v1/health/`, { signal: AbortSignal.timeout(5_000) }).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      ),
    { seconds: 60 },
  );
}

/**
 * Runs what the stack's Commands would run against the cluster's controller, and returns what it said it
 * changed.
 *
 * @throws Error, what the program said, if it failed.
 */
export async function configureAgentGroup(cluster: Cluster): Promise<string[]> {
  await controllerReady(controllerAddress(cluster));
  const spec = JSON.stringify(specOf(embeddedAgentGroup(cluster)));
  const run = (verb: string, env: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, [program, verb], {
      env: { ...process.env, AGENT_GROUP_CONFIG: spec, ...env },
    });
  const before = await run("before");
  const { stderr } = await run("apply", { AGENT_GROUP_BEFORE: before.stdout });
  return stderr
    .trim()
    .split("\n")
    .filter((line) => line !== "");
}
