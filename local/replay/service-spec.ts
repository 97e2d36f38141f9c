import { portOf, rows, type Call, type Port, type Row, type Service } from "../../components/demo/table.ts";
import type { Sdk } from "../../components/sdk/sdk.ts";

/**
 * What a program has to know of a service to do what it does: its row, and the ports of those that it calls,
 * as plain data.
 */
export interface ServiceSpec {
  readonly service: string;
  readonly sdk?: Sdk | undefined;
  readonly port?: Port | undefined;
  readonly portVariable?: string | undefined;
  readonly calls: readonly CallSpec[];
  readonly registers?: Service["registers"];
  /** Whether others register their addresses with it. */
  readonly isRegistry: boolean;
}

/** A call of a service: how it learns the callee's address, and what the callee listens on. */
export interface CallSpec {
  readonly to: string;
  readonly call: Call;
  readonly port: Port;
  /** The variable of which the callee makes the address that it registers. */
  readonly hostVariable?: string | undefined;
}

export function serviceSpecOf({ demo, name, service }: Row): ServiceSpec {
  return {
    service: name,
    sdk: service.sdk,
    port: portOf(service),
    portVariable: service.portVariable,
    calls: Object.entries(service.calls ?? {}).flatMap(([to, call]) => {
      const callee = demo.services[to];
      const port = portOf(callee);
      return port === undefined ? [] : [{ to, call, port, hostVariable: callee?.registers?.hostVariable }];
    }),
    registers: service.registers,
    isRegistry: rows(demo).some((row) => row.service.registers?.at === name),
  };
}

/** Standard input of the program of a service, `service.ts`. */
export interface ServiceInput extends ServiceSpec {
  /** The unix socket over which it is told what to do; when that connection ends, so does the program. */
  readonly socket: string;
  /** Addresses of the pods whose connections it takes. */
  readonly allowedAddresses: readonly string[];
}

/**
 * What the program is told, one line of JSON each; it answers each with a line, the last one with its
 * `Report`. It says a first line by itself, its service's name, when it listens.
 */
export type Command = "register" | "call" | "end";

/** One call that a program made, or could not make. */
export interface OutgoingCall {
  readonly to: string;
  /** Where the callee's address is from, a phrase: `EMAIL_SERVICE_ADDR is http://emailservice:8080`. */
  readonly addressSource: string;
  /** The address that was dialled: a pod's, or a Service's. */
  readonly peer?: string | undefined;
  /** Why it failed, a phrase. */
  readonly error?: string | undefined;
}

/** What a program says of itself at its end. */
export interface Report {
  /** Requests that reached it, those to a registry apart. */
  readonly requests: number;
  readonly outgoingCalls: readonly OutgoingCall[];
  /** The spans that its SDK ended, and so has to have sent. */
  readonly spans: readonly SpanId[];
  /** What its exporter said went wrong. */
  readonly exporterError?: string | undefined;
  /** What kept it from doing what its service does, in sentences. */
  readonly problems: readonly string[];
}

export interface SpanId {
  readonly traceId: string;
  readonly spanId: string;
}
