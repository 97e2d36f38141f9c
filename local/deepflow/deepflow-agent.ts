import type { ContainerContext } from "../cluster/node/image-programs.ts";
import type { RunningProgram } from "../cluster/node/pod-process.ts";
import { startIntegrationCollector } from "./integration-collector.ts";
import type { IntegrationCollector } from "./integration-collector.ts";
import type { Received } from "./received.ts";

/** Where DeepFlow's agent listens unless told otherwise (`inputs.integration.listen_port`). */
export const receivePort = 38086;

export interface DeepflowAgentOptions extends Omit<ContainerContext, "resources"> {
  received: Pick<Received, "add">;
}

/** Exit code of a process that ended by SIGABRT, as a container runtime reports it. */
const aborted = 134;

export interface DeepflowAgent extends RunningProgram {
  /** The exceptions that the agent would report to its controller, as bits (deepflow message/agent.proto). */
  exceptions: () => number;
}

/**
 * What is to be seen of a deepflow-agent pod: its integration collector, at the pod's address and, as with a
 * `hostNetwork` agent, at the node's. The port is that of the container port named `receive`, as in
 * DeepFlow's Helm chart. A panic ends all of it with exit code 134.
 */
export async function startDeepflowAgent(options: DeepflowAgentOptions): Promise<DeepflowAgent> {
  const { pod, container, nodeAddress, received, senderOf, log } = options;
  const port = container.ports?.find(({ name }) => name === "receive")?.containerPort ?? receivePort;
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  const collectors: IntegrationCollector[] = [];
  let panicked = false;

  const listen = async (address: string): Promise<void> => {
    const collector = await startIntegrationCollector({
      address,
      port,
      senderOf,
      onRequest: ({ peerAddress, spans }) => {
        received.add(spans, {
          receivedBy: pod.metadata?.name ?? "",
          node: pod.spec?.nodeName ?? "",
          agentAddress: `${address}:${port}`,
          peerAddress,
        });
      },
      onDecodeError: log,
      onPanic: (reason) => {
        log(`panicked: ${reason}`);
        panicked = true;
        for (const other of collectors) other.abort();
        resolve(aborted);
      },
    });
    collectors.push(collector);
    if (panicked) collector.abort();
  };

  const podAddress = pod.status?.podIP ?? "";
  await listen(podAddress);
  if (nodeAddress !== undefined && nodeAddress !== podAddress) {
    try {
      await listen(nodeAddress);
    } catch (error) {
      // A second agent on a node: the first one has the node's port.
      log(`does not listen at the node's address: ${String(error)}`);
    }
  }
  return {
    exited,
    exceptions: () => collectors.reduce((bits, collector) => bits | collector.exceptions(), 0),
    stop: async () => {
      await Promise.all(collectors.map((collector) => collector.close()));
      resolve(0);
    },
  };
}
