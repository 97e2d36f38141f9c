import { readFile, readdir, readlink } from "node:fs/promises";

/** One end of a TCP connection. */
export interface TcpEnd {
  /** IPv4. */
  address: string;
  port: number;
}

/**
 * The inode of the socket at the `local` end of a connection, from the text of /proc/net/tcp or
 * /proc/net/tcp6 (format: Linux Documentation/networking/proc_net_tcp.rst); undefined if it is not listed.
 */
export function socketInode(table: string, local: TcpEnd, remote: TcpEnd): string | undefined {
  const [wantedLocal, wantedRemote] = [hexEnd(local), hexEnd(remote)];
  for (const line of table.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    // An IPv4 connection of an IPv6 socket has the same eight digits, after those of the prefix ::ffff:.
    if (columns[1]?.endsWith(wantedLocal) && columns[2]?.endsWith(wantedRemote)) return columns[9];
  }
  return undefined;
}

/**
 * The kernel prints an IPv4 address as one number in the machine's byte order, which is little-endian here.
 */
function hexEnd({ address, port }: TcpEnd): string {
  const bytes = Buffer.from(address.split(".").map(Number).reverse());
  const digits = bytes.toString("hex") + ":" + port.toString(16).padStart(4, "0");
  return digits.toUpperCase();
}

/** Which of `pids` holds the socket at the `local` end of a connection, or undefined if none does. */
export async function socketOwner(
  pids: readonly number[],
  local: TcpEnd,
  remote: TcpEnd,
): Promise<number | undefined> {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const inode = socketInode(await readFile(table, "utf8"), local, remote);
    if (inode === undefined) continue;
    for (const pid of pids) {
      if (await holds(pid, `socket:[${inode}]`)) return pid;
    }
  }
  return undefined;
}

async function holds(pid: number, target: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  try {
    for (const descriptor of await readdir(directory)) {
      // A descriptor that is closed meanwhile is not the one looked for.
      const link = await readlink(`${directory}/${descriptor}`).catch(() => "");
      if (link === target) return true;
    }
  } catch {
    // The process has ended since it was listed.
  }
  return false;
}
