import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { onJsonLine, sendJsonLine } from "../../../local/replay/json-lines.ts";

test("values arrive one by one, however their bytes come", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sender = connect(port, "127.0.0.1").setNoDelay();
  const [receiver] = (await once(server, "connection")) as [Socket];
  const values: unknown[] = [];
  onJsonLine(receiver, (value) => values.push(value));

  const bytes = Buffer.from('{"a":"→"}\n[1,2]\n');
  for (const byte of bytes) {
    sender.write(Buffer.from([byte]));
    // Each in a packet of its own.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  sendJsonLine(sender, "first\nline");
  sendJsonLine(sender, null);
  sender.end();
  await once(receiver, "close");
  server.close();
  expect(values).toEqual([{ a: "→" }, [1, 2], "first\nline", null]);
});
