import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import type { V1Container } from "@kubernetes/client-node";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { runContainer } from "../../../local/cluster/node/container.ts";
import { startDeepflowAgent } from "../../../local/deepflow/deepflow-agent.ts";
import type { DeepflowAgent } from "../../../local/deepflow/deepflow-agent.ts";
import { integrationSocketError, tracePath } from "../../../local/deepflow/integration-collector.ts";
import { Received } from "../../../local/deepflow/received.ts";
import { podFrom } from "../cluster/node/pod-yaml.ts";
import { freePort } from "../replay/loopback.ts";

const [podAddress, nodeAddress] = ["127.0.0.1", "127.0.0.2"];

/** An export of one span of this kind; traces as in otlp-trace.proto. */
const withKind = (kind: number): Buffer => Buffer.from([0x0a, 6, 0x12, 4, 0x12, 2, 0x30, kind]);

async function agent(): Promise<{
  start: () => Promise<DeepflowAgent>;
  post: (address: string, body: Buffer) => Promise<unknown>;
  port: number;
  received: Received;
  log: string[];
}> {
  const port = await freePort();
  const container = load(
    `{ name: agent, ports: [{ name: receive, containerPort: ${port} }] }`,
  ) as V1Container;
  const pod = podFrom(`
    metadata: { name: agent-1 }
    spec: { nodeName: node-1 }
    status: { podIP: ${podAddress} }
  `);
  const received = new Received();
  const log: string[] = [];
  const start = (): Promise<DeepflowAgent> =>
    startDeepflowAgent({
      pod,
      container,
      nodeAddress,
      received,
      senderOf: () => Promise.resolve("10.0.0.9"),
      log: (line) => log.push(line),
    });
  /** The status, or the code of the error. */
  const post = (host: string, body: Buffer): Promise<unknown> =>
    new Promise((resolve) => {
      const outgoing = request({ host, port, method: "POST", path: tracePath, agent: false });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        resolve(error.code);
      });
      outgoing.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.end(body);
    });
  return { start, post, port, received, log };
}

test("the agent listens at its pod's and its node's address", async () => {
  const { start, post, port, received } = await agent();
  const running = await start();
  for (const address of [podAddress, nodeAddress]) expect(await post(address, withKind(2))).toBe(200);
  expect(received.query({}).spans).toMatchObject(
    [podAddress, nodeAddress].map((address) => ({
      ...{ receivedBy: "agent-1", node: "node-1", peerAddress: "10.0.0.9" },
      agentAddress: `${address}:${port}`,
    })),
  );
  await running.stop(0);
  expect(await running.exited).toBe(0);
});

test("a panic at one address cuts the connections at both, ends with SIGABRT, and what was received stays", async () => {
  const { start, post, port, received, log } = await agent();
  const running = await start();
  expect(await post(podAddress, withKind(2))).toBe(200);
  const idle = connect(port, podAddress);
  await once(idle, "connect");
  const cut = once(idle, "close");
  expect(await post(nodeAddress, withKind(9))).toBe("ECONNRESET");
  expect(await running.exited).toBe(134);
  await cut;
  for (const address of [podAddress, nodeAddress]) {
    expect(await post(address, withKind(2))).toBe("ECONNREFUSED");
  }
  expect(received.query({}).spans).toMatchObject([{ sequence: 1, kind: "SERVER" }]);
  expect(log).toEqual(["panicked: 9 is no span kind; the protocol has 0 to 5."]);
});

test("an agent that panicked is started again by its container's policy, and takes spans at the same addresses", async () => {
  const { start, post, received, log } = await agent();
  const starts: (() => void)[] = [];
  const started = [0, 1].map(() => new Promise<void>((resolve) => starts.push(resolve)));
  let count = 0;
  const container = runContainer(
    async () => {
      const running = await start();
      starts[count]?.();
      count += 1;
      return running;
    },
    "Always",
    (line) => log.push(line),
  );
  await started[0];
  expect(await post(podAddress, withKind(9))).toBe("ECONNRESET");
  await started[1];
  for (const address of [podAddress, nodeAddress]) expect(await post(address, withKind(2))).toBe(200);
  expect(container.state()).toMatchObject({ running: true, restarts: 1, lastExitCode: 134 });
  expect(log).toContain("ended with exit code 134");
  expect(received.query({}).spans).toHaveLength(2);
  await container.stop(0);
});

test("the agent's exceptions are those of both its addresses", async () => {
  const { start, port } = await agent();
  const running = await start();
  expect(running.exceptions()).toBe(0);
  const socket = connect(port, nodeAddress);
  socket.end(`POST ${tracePath} HTTP/1.1\r\ncontent-length: 9\r\n\r\nx`);
  socket.resume();
  await once(socket, "close");
  expect(running.exceptions()).toBe(integrationSocketError);
  await running.stop(0);
});
