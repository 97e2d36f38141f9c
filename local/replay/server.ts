import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { context, propagation, SpanKind } from "@opentelemetry/api";
import { unmapIPv4 } from "../cluster/node/sender.ts";
import { errorMessage } from "../cluster/terminal/error-message.ts";
import { parsePort } from "./address.ts";
import { viaHeader, type Caller } from "./caller.ts";
import { Registry } from "./registry.ts";
import { semantics } from "./semantics.ts";
import type { ServiceSpec } from "./service-spec.ts";
import type { Telemetry } from "./telemetry.ts";

export interface ServerOptions {
  readonly spec: ServiceSpec;
  readonly environment: NodeJS.ProcessEnv;
  /** The address to listen at. */
  readonly address: string;
  /**
   * Addresses whose connections are taken; any other is reset, as it would be by a network plugin's firewall
   * that answers.
   */
  readonly allowedAddresses: readonly string[];
  readonly telemetry: Telemetry;
  readonly callAll: Caller["callAll"];
}

/** How a service listens. */
export interface Server {
  /** 0 where it does not listen. */
  readonly port: number;
  /** Requests so far, those to a registry apart. */
  readonly requests: () => number;
  /** Why it does not listen, a sentence. */
  readonly problem?: string | undefined;
}

/**
 * Listens where a service would. Each request is a span, inside which the service calls all that it calls.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { spec, environment, address, allowedAddresses, telemetry, callAll } = options;
  if (spec.port === undefined) return { port: 0, requests: () => 0 };
  const { number, protocol } = spec.port;
  const registry = spec.isRegistry ? new Registry() : undefined;
  let requests = 0;

  /** @returns the answer's status and body. */
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const { method = "", url = "", headers, socket } = request;
    const registered = registry?.answer(method, url);
    if (registered !== undefined) return { status: 200, body: registered };
    requests += 1;
    const via = (headers[viaHeader] ?? "").split(", ");
    const { name, attributes } = semantics(protocol, spec.service);
    return telemetry.inSpan(
      name,
      {
        kind: SpanKind.SERVER,
        attributes: {
          ...attributes,
          "client.address": unmapIPv4(socket.remoteAddress),
          "server.port": socket.localPort ?? 0,
        },
      },
      propagation.extract(context.active(), headers),
      async () => {
        if (via.includes(spec.service)) return { status: 508, body: "", error: "called in a circle" };
        await callAll([...via, spec.service].join(", "));
        return { status: 200, body: "" };
      },
    );
  };

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status).end(body);
    });
  });
  server.on("connection", (socket) => {
    if (!allowedAddresses.includes(unmapIPv4(socket.remoteAddress))) socket.resetAndDestroy();
  });

  const { portVariable } = spec;
  const told = portVariable === undefined ? String(number) : (environment[portVariable] ?? "");
  const port = parsePort(told);
  const silent = (problem: string): Server => ({ port: 0, requests: () => 0, problem });
  if (port === undefined)
    return silent(`It does not listen: ${portVariable ?? ""} is ${told || "not set"}, which is no port.`);
  try {
    server.listen(port, address);
    await once(server, "listening");
  } catch (error) {
    return silent(`It does not listen: ${errorMessage(error)}.`);
  }
  return { port: (server.address() as AddressInfo).port, requests: () => requests };
}
