import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { startRelay } from "../../../../local/cluster/supervisor/relay.ts";

test("counts what the target sends, over connections that are open and that are closed", async () => {
  const host = "127.0.0.1";
  const server = createServer((socket) => {
    socket.on("data", (name) => {
      if (String(name) === "closing") socket.end("12345");
      else socket.write("1234567");
    });
  }).listen(0, host);
  await once(server, "listening");
  const relay = await startRelay({ host, port: 0 }, { host, port: (server.address() as AddressInfo).port });
  try {
    const closing = connect({ host, port: relay.port });
    closing.write("closing");
    expect(await text(closing)).toBe("12345");

    const open = connect({ host, port: relay.port });
    open.write("open");
    await once(open, "data");
    expect(relay.bytesFromTarget()).toBe(12);
  } finally {
    relay.close();
    server.close();
  }
});
