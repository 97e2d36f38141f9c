import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { isAgentListening } from "../../components/agent-group-config/agent-check.ts";
import { startIntegrationCollector } from "../../local/deepflow/integration-collector.ts";

test("an agent that listens is nothing to speak of", async () => {
  const collector = await startIntegrationCollector({
    address: "127.0.0.1",
    port: 0,
    onRequest: () => undefined,
  });
  expect(await isAgentListening(`http://127.0.0.1:${collector.port}`, true)).toBeUndefined();
  await collector.close();
});

test("what answers and is no agent is named", async () => {
  const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await isAgentListening(url, false)).toBe(
    `${url} answers 200 , so that is no deepflow-agent; check the Service and its port.`,
  );
  server.close();
});

test("what does not answer may be restarting", async () => {
  expect(await isAgentListening("http://127.0.0.1:1", false)).toMatch(
    /^http:\/\/127\.0\.0\.1:1 does not answer \(.+\): deepflow-agents restart for some minutes/,
  );
});

test("a name that only the cluster knows is worth a sentence only when something has changed", async () => {
  const url = "http://deepflow-agent.invalid";
  expect(await isAgentListening(url, false)).toBeUndefined();
  expect(await isAgentListening(url, true)).toMatch(/cannot be seen from here/);
});
