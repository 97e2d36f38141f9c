import type { Socket } from "node:net";
import { socketOwner } from "./socket-owner.ts";

/** A real process of a pod. */
export interface PodProcess {
  pid: number;
  podIP: string;
  node: string;
}

/**
 * The address that a connection really comes from. A process that does not bind its pod's address (a Go
 * program cannot be made to) seems to come from the address it dials, since that is local to the shared
 * network namespace; it is recognised by the socket that it holds. Everything else is what it seems.
 */
export async function senderAddress(connection: Socket, processes: readonly PodProcess[]): Promise<string> {
  const { remoteAddress, remotePort, localAddress, localPort } = connection;
  const remote = { address: plain(remoteAddress), port: remotePort ?? 0 };
  const local = { address: plain(localAddress), port: localPort ?? 0 };
  if (remote.address !== local.address) return remote.address;
  // Seen from the sender its own end is the local one.
  const pid = await socketOwner(
    processes.map((process) => process.pid),
    remote,
    local,
  );
  return processes.find((process) => process.pid === pid)?.podIP ?? remote.address;
}

/** An IPv4 address of an IPv6 socket without its prefix. */
export function plain(address = ""): string {
  return address.replace(/^::ffff:/, "");
}
