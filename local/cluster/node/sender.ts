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
  const remote = { address: unmapIPv4(remoteAddress), port: remotePort ?? 0 };
  const local = { address: unmapIPv4(localAddress), port: localPort ?? 0 };
  if (remote.address !== local.address) return remote.address;
  // Seen from the sender its own end is the local one.
  const pid = await socketOwner(
    processes.map((process) => process.pid),
    remote,
    local,
  );
  return processes.find((process) => process.pid === pid)?.podIP ?? remote.address;
}

/** The IPv4 address in an IPv4-mapped one (`::ffff:10.0.0.1`), as IPv6 sockets have it; others as is. */
export function unmapIPv4(address = ""): string {
  return address.replace(/^::ffff:/, "");
}
