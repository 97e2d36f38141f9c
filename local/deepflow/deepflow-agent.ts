import type { Socket } from "node:net";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { startDoor } from "./door.ts";
import type { Door } from "./door.ts";
import type { RunningProgram } from "../node/pod-process.ts";
import type { Received } from "./received.ts";

/** Where DeepFlow's agent listens unless told otherwise (`inputs.integration.listen_port`). */
export const receivePort = 38086;

export interface DeepflowAgentOptions {
  pod: V1Pod;
  container: V1Container;
  /** Address of the pod's node. */
  nodeAddress: string | undefined;
  received: Received;
  senderOf: (connection: Socket) => Promise<string>;
  log: (line: string) => void;
}

/**
 * What is to be seen of a deepflow-agent pod: its door, at the pod's address and, as with a `hostNetwork` agent, at
 * the node's. The port is that of the container port named `receive`, as in DeepFlow's Helm chart.
 */
export async function startDeepflowAgent(options: DeepflowAgentOptions): Promise<RunningProgram> {
  const { pod, container, nodeAddress, received, senderOf, log } = options;
  const port = container.ports?.find(({ name }) => name === "receive")?.containerPort ?? receivePort;
  const open = (address: string): Promise<Door> =>
    startDoor({
      address,
      port,
      senderOf,
      onRequest: ({ peerAddress, spans }) => {
        received.add(spans, {
          receivedBy: pod.metadata?.name ?? "",
          node: pod.spec?.nodeName ?? "",
          doorAddress: `${address}:${port}`,
          peerAddress,
        });
      },
      onRefusal: log,
    });

  const podAddress = pod.status?.podIP ?? "";
  const doors = [await open(podAddress)];
  if (nodeAddress !== undefined && nodeAddress !== podAddress) {
    try {
      doors.push(await open(nodeAddress));
    } catch (error) {
      // A second agent on a node: the first one has the node's door.
      log(`no door at the node's address: ${String(error)}`);
    }
  }
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  return {
    exited,
    stop: async () => {
      await Promise.all(doors.map((door) => door.close()));
      resolve(0);
    },
  };
}
