import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { senderAddress } from "../../../../local/cluster/node/sender.ts";
import { socketInode, socketOwner } from "../../../../local/cluster/node/socket-owner.ts";

/** Both ends of a connection within this process. */
async function connection(localAddress: string, host: string): Promise<{ client: Socket; server: Socket }> {
  const listener = createServer();
  listener.listen(0, host);
  await once(listener, "listening");
  const client = connect({ host, port: (listener.address() as AddressInfo).port, localAddress });
  const [[server]] = (await Promise.all([once(listener, "connection"), once(client, "connect")])) as [
    [Socket],
    [],
  ];
  onTestFinished(() => {
    client.destroy();
    server.destroy();
    listener.close();
  });
  return { client, server };
}

const linux = process.platform === "linux";

test("a connection's inode is found by its two ends", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0101600A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
   1: 0301600A:0050 0301600A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1
   2: 0301600A:9C40 0301600A:0050 01 00000000:00000000 00:00000000 00000000     0        0 333 1
`;
  const service = { address: "10.96.1.3", port: 80 };
  const client = { address: "10.96.1.3", port: 40000 };
  expect(socketInode(table, client, service)).toBe("333");
  expect(socketInode(table, service, client)).toBe("222");
  expect(socketInode(table, { ...client, port: 40001 }, service)).toBeUndefined();
});

test.runIf(linux)("a connection's owner is the process that holds its socket", async () => {
  const { client } = await connection("127.0.0.1", "127.0.0.1");
  const local = { address: "127.0.0.1", port: client.localPort ?? 0 };
  const remote = { address: "127.0.0.1", port: client.remotePort ?? 0 };
  expect(await socketOwner([1_000_000_000, process.pid], local, remote)).toBe(process.pid);
  expect(await socketOwner([1_000_000_000], local, remote)).toBeUndefined();
});

test.runIf(linux)(
  "a sender that bound no address is known by its process, any other by its address",
  async () => {
    const processes = [{ pid: process.pid, podIP: "10.244.1.7", node: "node-1" }];
    const unbound = await connection("127.0.0.1", "127.0.0.1");
    expect(await senderAddress(unbound.server, processes)).toBe("10.244.1.7");
    expect(await senderAddress(unbound.server, [])).toBe("127.0.0.1");
    const bound = await connection("127.0.0.2", "127.0.0.1");
    expect(await senderAddress(bound.server, processes)).toBe("127.0.0.2");
  },
);
