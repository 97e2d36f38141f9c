import type { Call } from "../../components/demo/table.ts";

/** Where a connection goes to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

type Spelling = NonNullable<Extract<Call, { variable: string }>["as"]>;

/**
 * The address that a variable's value spells; `undefined` if it is none.
 *
 * @param usualPort the port of a callee of which only the host is said.
 */
export function parseAddress(value: string, as: Spelling, usualPort: number): Address | undefined {
  if (as === "url") {
    const url = URL.parse(value);
    if (url === null || url.hostname === "" || !(url.protocol in defaultPorts)) return undefined;
    return { host: url.hostname, port: Number(url.port || defaultPorts[url.protocol]) };
  }
  if (as === "host") return /^[^\s,/]+$/.test(value) ? { host: value, port: usualPort } : undefined;
  const [, host, digits] = /^([^\s,/]+):(\d+)$/.exec(withoutOptions(value)) ?? [];
  const port = parsePort(digits ?? "");
  return host === undefined || port === undefined ? undefined : { host, port };
}

const defaultPorts: Record<string, number> = { "http:": 80, "https:": 443 };

/**
 * A connection string such as .NET's for Redis goes on behind a comma, also with a password, which no
 * sentence may show.
 */
export function withoutOptions(value: string): string {
  return value.replace(/,.*/s, "");
}

/** The TCP port that a text is; `undefined` if it is none. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
