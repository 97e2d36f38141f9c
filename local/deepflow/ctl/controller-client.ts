import { readFileSync } from "node:fs";
import { errorMessage } from "../../cluster/terminal/error-message.ts";

/** Where the controller is and how long a call to it may take. */
export interface Server {
  readonly ip: string;
  readonly apiPort: number;
  /** In milliseconds. */
  readonly timeout: number;
}

/** An object of the controller's answer. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * The `DATA` of the controller's answer. A file that is empty is sent as the JSON text `null`
 * (cli/ctl/common/http_util.go:70-83).
 *
 * @throws Error with the sentence that deepflow-ctl prints for whatever goes wrong.
 */
export async function dataOf(
  { ip, apiPort, timeout }: Server,
  method: string,
  path: string,
  file?: Buffer<ArrayBuffer>,
): Promise<unknown> {
  const url = `http://${ip}:${apiPort}${path}`;
  const body = file?.length === 0 ? "null" : file;
  const headers = { "content-type": "application/x-www-form-urlencoded", "x-user-id": "1", "x-org-id": "1" };
  const response = await fetch(url, {
    ...{ method, headers, signal: AbortSignal.timeout(timeout) },
    ...(body !== undefined && { body }),
  }).catch((error: unknown) => {
    const operation = method.charAt(0) + method.slice(1).toLowerCase();
    throw new Error(`curl (${url}) failed, (${operation} "${url}": ${connectionError(error)})`);
  });
  const text = await response.text().catch((error: unknown) => {
    throw new Error(`read (${url}) body failed, (${connectionError(error, "unexpected EOF")})`);
  });
  if (response.status !== 200) throw new Error(`curl (${url}) failed, (${text})`);
  let answer: Item;
  try {
    answer = JSON.parse(text) as Item;
  } catch (error) {
    throw new Error(`parse (${url}) body failed, (${errorMessage(error)})`, { cause: error });
  }
  if (answer["OPT_STATUS"] !== "SUCCESS")
    throw new Error(`curl (${url}) failed, (${textOf(answer["DESCRIPTION"])})`);
  return answer["DATA"];
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
};

/** An error of a connection in Go's words. */
function connectionError(error: unknown, cutOff = "EOF"): string {
  if (error instanceof DOMException)
    return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  const { cause } = error as Error;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const { code = "", address = "", port = "", message } = first as NodeJS.ErrnoException & Partial<Dialled>;
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET") return cutOff;
  if (reasons[code] !== undefined) return `dial tcp ${address}:${port}: connect: ${reasons[code]}`;
  return `dial tcp: ${message}`;
}

interface Dialled {
  address: string;
  port: number;
}

/** What is no list counts as an empty one. */
export function itemsOf(data: unknown): Item[] {
  return Array.isArray(data) ? (data as Item[]) : [];
}

/** What is no text counts as an empty one. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** @throws Error as Go's `os.ReadFile` words it, for a file that is not there. */
export function readFile(path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`open ${path}: no such file or directory`, { cause: error });
  }
}
