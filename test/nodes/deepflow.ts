import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { kubectl } from "../../local/cluster/kubectl.ts";
import type { NodeCluster } from "../../local/nodes/cluster.ts";
import { controlPlaneAddress } from "../../local/nodes/network.ts";

/** DeepFlow's agent as its Service leads to it, and what has reached it. */
export interface DeepFlow {
  /** How often each span of a trace has arrived so far. */
  arrived(traceId: string): ReadonlyMap<string, number>;
  /** All that the spans of a trace have had for `app.host.ip`. */
  addresses(traceId: string): string[];
  /** Connections are refused from now on. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Where DeepFlow's agent listens by default. */
const port = 38086;

/** Starts it beside the control plane, and makes the Service of DeepFlow's chart lead there. */
export async function startDeepFlow(cluster: NodeCluster): Promise<DeepFlow> {
  const spans = new Map<string, { counts: Map<string, number>; addresses: Set<string> }>();
  const note = (line: string) => {
    const [traceId = "", spanId = "", address = ""] = line.split(" ");
    const trace = spans.get(traceId) ?? { counts: new Map<string, number>(), addresses: new Set<string>() };
    spans.set(traceId, trace);
    trace.counts.set(spanId, (trace.counts.get(spanId) ?? 0) + 1);
    trace.addresses.add(address);
  };
  let running = await startAgent(cluster, note);
  await kubectl(cluster, ["apply", "--server-side", "-f", "-"], { input: JSON.stringify(service) });
  return {
    arrived: (traceId) => spans.get(traceId)?.counts ?? new Map<string, number>(),
    addresses: (traceId) => [...(spans.get(traceId)?.addresses ?? [])],
    goAway: () => running.stop(),
    async comeBack() {
      running = await startAgent(cluster, note);
    },
  };
}

async function startAgent(cluster: NodeCluster, onSpan: (line: string) => void) {
  const file = join(import.meta.dirname, "programs", "deepflow-agent.ts");
  const command = [process.execPath, file, controlPlaneAddress, String(port)];
  const [program = "", ...args] = cluster.inControlPlane(command);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const exited = once(child, "close");
  await Promise.race([
    once(lines, "line"),
    exited.then(() => {
      throw new Error("DeepFlow's stand-in did not start: its error is above.");
    }),
  ]);
  lines.on("line", onSpan);
  return {
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

const metadata = { namespace: "deepflow", name: "deepflow-agent" };

const service = {
  apiVersion: "v1",
  kind: "List",
  items: [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: metadata.namespace } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { ports: [{ name: "receive", port: 80, targetPort: port }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": metadata.name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [controlPlaneAddress] }],
      ports: [{ name: "receive", port, protocol: "TCP" }],
    },
  ],
};
