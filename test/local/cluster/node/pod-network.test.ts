import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pod-network-"));
  await writeFile(join(folder, "hosts"), "127.0.0.1 localhost\n10.96.1.2 otel-agent.open-telemetry\n");
});
afterAll(() => rm(folder, { recursive: true }));

/** What the expression comes to in a process that speaks as a pod. */
async function inPod(expression: string, address = "127.0.0.2"): Promise<unknown> {
  const preload = new URL("../../../../local/cluster/node/pod-network.ts", import.meta.url).href;
  const script = `Promise.resolve(${expression}).catch((error) => error.code).then((value) => console.log(JSON.stringify(value)))`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--import",
      preload,
      "--input-type=module",
      "--eval",
      `import dns, { lookup } from "node:dns"; ${script}`,
    ],
    { env: { POD_NETWORK_ADDRESS: address, POD_NETWORK_HOSTS: join(folder, "hosts") } },
  );
  return JSON.parse(stdout);
}

const called = (args: string): string =>
  `new Promise((done, fail) => lookup(${args}, (error, ...answer) => error ? fail(error) : done(answer)))`;

test.each([
  [called('"otel-agent.open-telemetry"'), ["10.96.1.2", 4]],
  [called('"OTEL-agent.open-telemetry", { all: true }'), [[{ address: "10.96.1.2", family: 4 }]]],
  [called('"otel-agent.open-telemetry", 4'), ["10.96.1.2", 4]],
  [called('"otel-agent.open-telemetry", 6'), "ENOTFOUND"],
  [called('"example.org"'), "ENOTFOUND"],
  [called('"10.1.2.3"'), ["10.1.2.3", 4]],
  ['dns.promises.lookup("localhost", { all: true })', [{ address: "127.0.0.1", family: 4 }]],
  ['dns.promises.lookup("otel-agent.open-telemetry")', { address: "10.96.1.2", family: 4 }],
  ['dns.promises.lookup("example.org")', "ENOTFOUND"],
])("%s is %j", async (expression, expected) => {
  expect(await inPod(expression)).toEqual(expected);
});

test("without its variables the preload refuses to run", async () => {
  await expect(inPod("1", "")).rejects.toThrow("POD_NETWORK_ADDRESS is not set");
});
