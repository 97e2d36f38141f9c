import { context, propagation, SpanKind } from "@opentelemetry/api";
import { parseAddress, withoutOptions, type Address } from "./address.ts";
import { exchange, type Exchange } from "./exchange.ts";
import { lookUp, parseInstance, registration } from "./registry.ts";
import { httpSemantics, semantics, type Semantics } from "./semantics.ts";
import type { OutgoingCall, ServiceSpec, CallSpec } from "./service-spec.ts";
import type { Telemetry } from "./telemetry.ts";

/**
 * Header with the services that a request has come through; one that finds itself there is called in a
 * circle.
 */
export const viaHeader = "via";

/** The calls of one service. */
export interface Caller {
  readonly outgoingCalls: readonly OutgoingCall[];
  /** Calls every callee, one after the other, whatever becomes of each. */
  callAll: (via: string) => Promise<void>;
  /**
   * Registers the service's own address, where it is to.
   *
   * @returns why that failed, a sentence.
   */
  register: (port: number) => Promise<string | undefined>;
}

/** Where a service is, as a variable or a registry has it. */
interface Hint {
  readonly addressSource: string;
  readonly address?: Address;
  readonly error?: string;
}

export function caller(
  { service, calls, registers }: ServiceSpec,
  environment: NodeJS.ProcessEnv,
  { inSpan }: Telemetry,
): Caller {
  const outgoingCalls: OutgoingCall[] = [];

  const send = (address: Address, { name, path, attributes }: Semantics, via: string): Promise<Exchange> =>
    inSpan(
      name,
      {
        kind: SpanKind.CLIENT,
        attributes: { ...attributes, "server.address": address.host, "server.port": address.port },
      },
      context.active(),
      async (span) => {
        const headers: Record<string, string> = { [viaHeader]: via };
        propagation.inject(context.active(), headers);
        const result = await exchange(address, { method: "GET", path, headers });
        if (result.peer !== undefined) span.setAttribute("network.peer.address", result.peer);
        return result;
      },
    );

  const hintOf = async ({ to, call, port, hostVariable }: CallSpec, via: string): Promise<Hint> => {
    if ("variable" in call) {
      const { variable, as = "host:port" } = call;
      return hintOfVariable(variable, environment[variable], (value) => parseAddress(value, as, port.number));
    }
    const registry = calls.find((other) => other.to === call.registry);
    const hint = registry && (await hintOf(registry, via));
    if (hint?.address === undefined) return hint ?? { addressSource: `${call.registry} is not called` };
    const { path } = lookUp(to);
    const { body, error } = await send(hint.address, httpSemantics("GET", path), via);
    const address = error === undefined ? parseInstance(body) : undefined;
    return address === undefined
      ? { addressSource: hint.addressSource, error: error ?? `${to} is not registered there` }
      : {
          addressSource: `${call.registry} has ${address.host}:${address.port}, from ${to}'s ${hostVariable ?? ""}`,
          address,
        };
  };

  const call = async (callee: CallSpec, via: string): Promise<OutgoingCall> => {
    const { to, port } = callee;
    const { addressSource, address, error } = await hintOf(callee, via);
    if (address === undefined) return { to, addressSource, error };
    const answer = await send(address, semantics(port.protocol, to), via);
    return { to, addressSource, peer: answer.peer, error: answer.error };
  };

  return {
    outgoingCalls,
    callAll: async (via) => {
      for (const callee of calls) outgoingCalls.push(await call(callee, via));
    },
    register: async (port) => {
      const registry = calls.find(({ to }) => to === registers?.at);
      if (registers === undefined || registry === undefined) return undefined;
      const { hostVariable, at } = registers;
      const host = environment[hostVariable] ?? "";
      if (host === "") return `It does not register at ${at}: ${hostVariable} is not set.`;
      const { addressSource, address, error } = await hintOf(registry, service);
      if (address === undefined) return `It does not register at ${at}: ${addressSource}; ${error ?? ""}.`;
      const answer = await exchange(address, registration(service, { host, port }));
      return answer.error === undefined
        ? undefined
        : `It could not register at ${at}: ${addressSource}; ${answer.error}.`;
    },
  };
}

function hintOfVariable(
  variable: string,
  value: string | undefined,
  parse: (value: string) => Address | undefined,
): Hint {
  if (value === undefined || value === "")
    return { addressSource: `${variable} is not set`, error: "no address" };
  const addressSource = `${variable} is ${withoutOptions(value)}`;
  const address = parse(value);
  return address === undefined ? { addressSource, error: "that is no address" } : { addressSource, address };
}
