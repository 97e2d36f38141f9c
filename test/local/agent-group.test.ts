import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { controllerReady } from "../../local/agent-group.ts";

test("the controller is ready when it answers, not when something accepts connections for it", async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (asked === 1) request.socket.destroy();
    else response.writeHead(asked === 2 ? 503 : 200).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await controllerReady({ host: "127.0.0.1", port });
  expect(asked).toBe(3);
  server.close();
});
