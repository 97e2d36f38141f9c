import type { Socket } from "node:net";
import { sendJsonLine } from "./json-lines.ts";
import type { Command } from "./service-spec.ts";

/** The replay's connection to the program of one service: what that was told last, and what it answered. */
export class ProgramConnection {
  readonly service: string;
  #connection: Socket | undefined;
  #pending = Promise.withResolvers<unknown>();
  /** Whether something that it has to say is waited for: first of all that it listens. */
  isAwaited = true;

  constructor(service: string) {
    this.service = service;
  }

  /** Its answer to what it was told last. */
  get answer(): Promise<unknown> {
    return this.#pending.promise;
  }

  /** Takes what it says, and notes the connection over which it can be told more. */
  receive(value: unknown, connection: Socket): void {
    this.#connection = connection;
    this.isAwaited = false;
    this.#pending.resolve(value);
  }

  tell(command: Command): Promise<unknown> {
    if (this.#connection === undefined) throw new Error(`The program of ${this.service} is not connected.`);
    this.isAwaited = true;
    this.#pending = Promise.withResolvers<unknown>();
    sendJsonLine(this.#connection, command);
    return this.answer;
  }
}
