/**
 * A server at its pod's address that tells every client the address that it comes from. Input: JSON {port,
 * connections}; it ends when that many connections are over.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { json } from "node:stream/consumers";

const { port, connections } = (await json(process.stdin)) as { port: number; connections: number };
let over = 0;
const server = createServer((client) => {
  client.on("error", () => client.destroy());
  client.on("close", () => {
    over += 1;
    if (over === connections) server.close();
  });
  client.end(client.remoteAddress ?? "");
});
server.listen(port, process.env["POD_NETWORK_ADDRESS"]);
await once(server, "close");
