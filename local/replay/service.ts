/**
 * Plays one service of a demo, as a process of its pod and with its pod's environment: it listens where the service would, calls
 * what the service calls at the addresses that its variables say, and sends spans with a real OpenTelemetry SDK that gets what the service's
 * own would read. HTTP/1.1 stands for every protocol: gRPC, MySQL and Redis too.
 *
 * Standard input: JSON `PartInput`. Over the socket that it names come `Command`s; the program ends with that connection.
 */
import { connect } from "node:net";
import { json } from "node:stream/consumers";
import { caller } from "./caller.ts";
import { onJsonLine, sendJsonLine } from "./json-lines.ts";
import type { Command, PartInput, Report } from "./part.ts";
import { startServer } from "./server.ts";
import { startTelemetry } from "./telemetry.ts";

const { socket: path, admitted, ...part } = (await json(process.stdin)) as PartInput;
const director = connect(path);
director.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
director.on("close", () => process.exit());

const telemetry = await startTelemetry(part.sdk);
const environment = process.env;
const calls = caller(part, environment, telemetry);
const server = await startServer({
  part,
  environment,
  address: environment["POD_NETWORK_ADDRESS"] ?? "",
  admitted,
  telemetry,
  callAll: calls.callAll,
});
const problems = server.problem === undefined ? [] : [server.problem];

const commands: Record<Command, () => Promise<unknown>> = {
  register: async () => {
    const problem = server.port === 0 ? undefined : await calls.register(server.port);
    if (problem !== undefined) problems.push(problem);
  },
  walk: () => calls.callAll(part.service),
  end: async (): Promise<Report> => ({
    ...(await telemetry.end()),
    requests: server.requests(),
    hops: calls.hops,
    problems,
  }),
};
onJsonLine(director, (command) => {
  void commands[command as Command]().then((answer) => {
    sendJsonLine(director, answer ?? null);
  });
});
sendJsonLine(director, part.service);
