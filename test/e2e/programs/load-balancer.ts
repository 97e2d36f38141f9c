/**
 * A load balancer as far as it matters here: it listens on its pod's address and passes connections on from
 * there, so that whoever is behind it sees its address instead of the client's. Input: JSON {port, host,
 * connections}; it ends when that many connections are over.
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { json } from "node:stream/consumers";

const { port, host, connections } = (await json(process.stdin)) as {
  port: number;
  host: string;
  connections: number;
};
let over = 0;
const server = createServer((client) => {
  const target = connect({ host, port });
  client.pipe(target).pipe(client);
  for (const socket of [client, target]) socket.on("error", () => client.destroy());
  client.on("close", () => {
    target.destroy();
    over += 1;
    if (over === connections) server.close();
  });
});
server.listen(port, process.env["POD_IP"]);
await once(server, "close");
