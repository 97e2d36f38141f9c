import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { errorMessage } from "../terminal/error-message.ts";

/**
 * Answers one request: JSON in (undefined where there is no body), JSON out. It may take as long as it likes.
 */
export type Handler = (body: unknown) => Promise<unknown>;

/** Handlers by method and path, such as `GET /status`. */
export type Routes = Record<string, Handler>;

/**
 * Serves the routes as HTTP on a unix socket, which only this user can open. Routes may be added to the table
 * later. A handler that throws answers 500 with `{error: sentence}`; a path that is not in the table answers
 * 404 likewise.
 */
export async function serveControl(socket: string, routes: Routes): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, routes).then(({ status, body }) => {
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(body ?? null));
    });
  });
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.listen(socket);
  await once(server, "listening");
  return server;
}

/**
 * Asks the control server on a unix socket. Throws its error sentence, or one that says that nobody listens.
 */
export async function callControl(
  socket: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const outgoing = request({ socketPath: socket, method, path });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  let incoming: IncomingMessage;
  let answer: unknown;
  try {
    [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    answer = await readJson(incoming);
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(
      `The embedded cluster did not answer ${method} ${path} (${reason}): it was stopped or is stopping.`,
      { cause: error },
    );
  }
  if (incoming.statusCode === 200) return answer;
  const sentence =
    typeof answer === "object" && answer !== null && "error" in answer
      ? String(answer.error)
      : JSON.stringify(answer);
  throw new Error(sentence);
}

async function answer(incoming: IncomingMessage, routes: Routes): Promise<{ status: number; body: unknown }> {
  const route = `${incoming.method ?? ""} ${(incoming.url ?? "").replace(/\?.*/, "")}`;
  const handler = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (handler === undefined) {
    const known = Object.keys(routes).sort().join(", ");
    return { status: 404, body: { error: `The embedded cluster has no ${route}; it has ${known}.` } };
  }
  try {
    return { status: 200, body: await handler(await readJson(incoming)) };
  } catch (error) {
    return { status: 500, body: { error: errorMessage(error) } };
  }
}

async function readJson(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
