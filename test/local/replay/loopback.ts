import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ServiceProgram } from "../../../local/replay/service-programs.ts";
import type { ServiceSpec } from "../../../local/replay/service-spec.ts";

/** Runs programs as processes of this machine, where the cluster would run them as processes of pods. */
export interface Loopback {
  readonly control: (method: string, path: string, request: unknown) => Promise<unknown>;
  /** Programs that run. */
  readonly running: () => number;
}

/** @param env variables of the pods, by the names of the services. */
export function loopback(env: Readonly<Record<string, Record<string, string>>> = {}): Loopback {
  let running = 0;
  return {
    running: () => running,
    control: async (_method, _path, request) => {
      const { program, pod, input } = request as { program: string; pod: string; input: unknown };
      running += 1;
      const child = spawn(process.execPath, [program], {
        env: { POD_NETWORK_ADDRESS: "127.0.0.1", ...env[pod] },
      });
      child.stdin.end(JSON.stringify(input));
      const output = Promise.all([text(child.stdout), text(child.stderr)]);
      const [exitCode] = (await once(child, "close")) as [unknown];
      const [stdout, stderr] = await output;
      running -= 1;
      return { exitCode, stdout, stderr };
    },
  };
}

/** A service that nobody calls, and that calls nobody, unless `spec` says otherwise. Its pod has its name. */
export function serviceProgram(
  service: string,
  spec: Partial<ServiceSpec> = {},
  allowedAddresses = ["127.0.0.1"],
): ServiceProgram {
  const pod = { service, pod: service, node: "node-1", podIp: "127.0.0.1" };
  return {
    namespace: "demo",
    pod,
    spec: { service, calls: [], isRegistry: false, ...spec },
    allowedAddresses,
  };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const { server, port } = await listener(() => 200);
  server.close();
  await once(server, "close");
  return port;
}

/** Somebody who is called: answers with the status that `answer` says. */
export async function listener(
  answer: (request: IncomingMessage) => number | Promise<number>,
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    void Promise.resolve(answer(request)).then((status) => response.writeHead(status).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}
