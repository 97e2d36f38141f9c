/**
 * Plays one service of a demo, as a process of its pod and with its pod's environment: it listens where the
 * service would, calls what the service calls at the addresses that its variables say, and sends spans with a
 * real OpenTelemetry SDK that gets what the service's own would read. HTTP/1.1 stands for every protocol:
 * gRPC, MySQL and Redis too.
 *
 * Standard input: JSON `ServiceInput`. Over the socket that it names come `Command`s; the program ends with
 * that connection.
 */
import { connect } from "node:net";
import { json } from "node:stream/consumers";
import { caller } from "./caller.ts";
import { onJsonLine, sendJsonLine } from "./json-lines.ts";
import { startServer } from "./server.ts";
import type { Command, ServiceInput, Report } from "./service-spec.ts";
import { startTelemetry } from "./telemetry.ts";

const { socket: path, allowedAddresses, ...spec } = (await json(process.stdin)) as ServiceInput;
const replay = connect(path);
replay.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
replay.on("close", () => process.exit());

const telemetry = await startTelemetry(spec.sdk);
const environment = process.env;
const calls = caller(spec, environment, telemetry);
const server = await startServer({
  spec,
  environment,
  address: environment["POD_NETWORK_ADDRESS"] ?? "",
  allowedAddresses,
  telemetry,
  callAll: calls.callAll,
});
const problems = server.problem === undefined ? [] : [server.problem];

const commands: Record<Command, () => Promise<unknown>> = {
  register: async () => {
    const problem = server.port === 0 ? undefined : await calls.register(server.port);
    if (problem !== undefined) problems.push(problem);
  },
  call: () => calls.callAll(spec.service),
  end: async (): Promise<Report> => ({
    ...(await telemetry.end()),
    requests: server.requests(),
    outgoingCalls: calls.outgoingCalls,
    problems,
  }),
};
onJsonLine(replay, (command) => {
  void commands[command as Command]().then((answer) => {
    sendJsonLine(replay, answer ?? null);
  });
});
sendJsonLine(replay, spec.service);
