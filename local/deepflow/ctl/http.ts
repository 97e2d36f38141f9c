import { request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";

/** Where the controller is and how it is asked. */
export interface Server {
  ip: string;
  port: string;
  /** In milliseconds; 0 for any time. */
  timeout: number;
  /** Sent as `X-Org-Id`. */
  org: string | undefined;
}

interface Body {
  content: string | Buffer;
  type: string;
}

/**
 * Asks the controller and returns the parsed answer. A file that is empty is sent as the JSON text `null`, as is no
 * body at all (cli/ctl/common/http_util.go:70-83).
 *
 * @throws Error with the sentence that deepflow-ctl prints for whatever goes wrong.
 */
export async function curl(
  server: Server,
  method: string,
  path: string,
  sent: { file?: Buffer; json?: object } = {},
): Promise<unknown> {
  const url = `http://${server.ip}:${server.port}${path}`;
  const { status, body } = await exchange(server, method, path, url, bodyOf(sent));
  if (status !== 200) throw new Error(`curl (${url}) failed, (${body})`);
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new Error(`parse (${url}) body failed, (${jsonError(body)})`);
  }
  const { OPT_STATUS: opt, DESCRIPTION: description } = (answer ?? {}) as Record<string, unknown>;
  if (typeof opt === "string" && opt !== "" && opt !== "SUCCESS")
    throw new Error(`curl (${url}) failed, (${typeof description === "string" ? description : ""})`);
  return answer;
}

function bodyOf({ file, json }: { file?: Buffer; json?: object }): Body {
  if (file !== undefined && file.length > 0)
    return { content: file, type: "application/x-www-form-urlencoded" };
  return { content: JSON.stringify(json ?? null), type: "application/json" };
}

async function exchange(
  server: Server,
  method: string,
  path: string,
  url: string,
  { content, type }: Body,
): Promise<{ status: number; body: string }> {
  // The path goes out as it is, and so a space in it ends the request line too early for the server.
  if (path.includes(" ")) return { status: 400, body: "400 Bad Request" };
  const outgoing = request({
    host: server.ip.replace(/^\[(.*)\]$/, "$1"),
    port: Number(server.port),
    method,
    path: Buffer.from(path).toString("latin1"),
    headers: {
      "content-length": Buffer.byteLength(content),
      "content-type": type,
      accept: "application/json, text/plain",
      "x-user-id": "1",
      "x-user-type": "1",
      ...(server.org === undefined ? {} : { "x-org-id": server.org }),
    },
  });
  const late = new Error("late");
  const timer = server.timeout > 0 ? setTimeout(() => outgoing.destroy(late), server.timeout) : undefined;
  try {
    const response = await answered(outgoing, content).catch((error: unknown) => {
      const reason = error === late ? timeoutText(outgoing, server) : dialError(error, server);
      const operation = method.charAt(0) + method.slice(1).toLowerCase();
      throw new Error(`curl (${url}) failed, (${operation} "${url}": ${reason})`, { cause: error });
    });
    const body = await textOf(response).catch((error: unknown) => {
      const expired = "context deadline exceeded (Client.Timeout or context cancellation while reading body)";
      throw new Error(`read (${url}) body failed, (${error === late ? expired : "unexpected EOF"})`, {
        cause: error,
      });
    });
    return { status: response.statusCode ?? 0, body };
  } finally {
    clearTimeout(timer);
  }
}

function answered(outgoing: ClientRequest, content: string | Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
    outgoing.end(content);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function timeoutText(outgoing: ClientRequest, { ip, port }: Server): string {
  const awaiting = "(Client.Timeout exceeded while awaiting headers)";
  const connected = outgoing.socket?.connecting === false;
  return connected
    ? `context deadline exceeded ${awaiting}`
    : `dial tcp ${ip}:${port}: i/o timeout ${awaiting}`;
}

const connectErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
};

/** An error of a connection in Go's words. */
function dialError(error: unknown, { ip, port }: Server): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code = "", address = ip, message } = first as NodeJS.ErrnoException & { address?: string };
  const host = address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
  const reason = connectErrors[code];
  if (reason !== undefined) return `dial tcp ${host}:${port}: connect: ${reason}`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${ip}: no such host`;
  if (code === "EAI_AGAIN") return `dial tcp: lookup ${ip}: Temporary failure in name resolution`;
  // Node.js does not tell an orderly end from a reset while it waits for the answer.
  return code === "ECONNRESET" ? "EOF" : message;
}

function jsonError(body: string): string {
  const [first] = body.trimStart();
  if (first === undefined) return "EOF";
  return /["[{\dtfn-]/.test(first)
    ? "unexpected EOF"
    : `invalid character '${first}' looking for beginning of value`;
}
