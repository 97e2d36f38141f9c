/**
 * Runs a program of another language as a process of the pod, with the pod's variables and nothing else.
 * Where its variables say to send, the name leads to a relay here, which dials from the pod's address: pods
 * share a network namespace, and such a program cannot be told from where to dial.
 *
 * Standard input: JSON `{command, request}`; with `request`, the command is followed by a URL that it has to
 * call, and the trace ID is read from that call's header `traceparent`; without, from its first line of
 * output.
 * Standard output: JSON `{traceId, exitCode, output}`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";

const { command, request } = (await json(process.stdin)) as { command: string[]; request: boolean };
const podIp = process.env["POD_NETWORK_ADDRESS"] ?? "";
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("POD_NETWORK_")),
);

const [endpoint = ""] = Object.entries(environment).flatMap(([name, value]) =>
  /^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$/.test(name) && value !== undefined ? [value] : [],
);
const { hostname, port } = new URL(endpoint);

/** A loopback address that no other pod has. */
const loopback = podIp.replace(/^\d+/, "127");
const relay = createServer((client) => {
  const collector = connect(Number(port || 80), hostname);
  for (const [from, to] of [
    [client, collector],
    [collector, client],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
  }
});
relay.listen(Number(port || 80), loopback);
await once(relay, "listening");

let traceId = "";
const called = createHttpServer((incoming, outgoing) => {
  traceId = String(incoming.headers["traceparent"]).split("-")[1] ?? "";
  outgoing.end();
});
called.listen(0, "127.0.0.1");
await once(called, "listening");
const url = `http://127.0.0.1:${(called.address() as AddressInfo).port}/`;

const folder = mkdtempSync(join(tmpdir(), "run-sdk-"));
const hosts = join(folder, "hosts");
writeFileSync(hosts, `127.0.0.1 localhost\n${loopback} ${hostname}\n`);
const inPod = 'mount --bind "$1" /etc/hosts; shift; exec "$@"';
const child = spawn(
  "unshare",
  ["--mount", "--", "sh", "-euc", inPod, "sh", hosts, ...command, ...(request ? [url] : [])],
  { env: environment, stdio: ["ignore", "pipe", "pipe"] },
);
let stdout = "";
let output = "";
child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
const [exitCode] = (await once(child, "close")) as [number | null];
for (const server of [relay, called] as Server[]) server.close();
rmSync(folder, { recursive: true });
if (!request) traceId = stdout.trim().split("\n")[0] ?? "";
console.log(JSON.stringify({ traceId, exitCode, output: stdout + output }));
