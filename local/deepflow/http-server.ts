import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { constants, createServer as createHttp2Server } from "node:http2";
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { BodyError, end, reply, requestOf } from "./http-message.ts";
import type { HttpAnswer, HttpRequest } from "./http-message.ts";
import { handOver } from "./http2-preface.ts";

export interface HttpServerOptions {
  address: string;
  /** 0 takes any free port. */
  port: number;
  /** What it throws closes the connection without an answer. */
  handle: (request: HttpRequest) => Promise<HttpAnswer>;
  /** Told what `handle` threw. */
  onError: (error: unknown) => void;
  /** Told why a body did not come whole. */
  onBodyError: (reason: string) => void;
}

export interface HttpServer {
  port: number;
  /** Stops listening and resolves when the requests in flight are answered. */
  close: () => Promise<void>;
  /** Stops listening and cuts every connection, as the end of a process does. */
  abort: () => void;
}

/** Headers that a request may have (hyper 0.14, src/proto/h1/role.rs: MAX_HEADERS). */
const maximumHeaders = 100;
/** Bytes of a request's head (hyper 0.14, src/proto/h1/io.rs: DEFAULT_MAX_BUFFER_SIZE). */
const maximumHeadSize = 8192 + 4096 * 100;

/**
 * An HTTP server with the conduct of the one in DeepFlow's agent (hyper 0.14): HTTP/1.0, HTTP/1.1 and, with
 * prior knowledge, HTTP/2 on one port, no time limits, no limit on bodies, no need of a Host.
 *
 * @throws Error when the address cannot be listened on.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { address, port, handle, onError, onBodyError } = options;
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  let closing = false;
  const readingBody = new WeakMap<Socket, IncomingMessage>();

  const http1 = createServer(
    { requireHostHeader: false, maxHeaderSize: maximumHeadSize },
    (request, response) => {
      const { socket, httpVersion } = request;
      if (request.rawHeaders.length > 2 * maximumHeaders) {
        end(socket, httpVersion, { status: 431 });
        return;
      }
      const body = async (): Promise<Buffer> => {
        readingBody.set(socket, request);
        try {
          return await buffer(request);
        } catch (error) {
          throw new BodyError("", { cause: error });
        } finally {
          readingBody.delete(socket);
        }
      };
      handle(requestOf(request, body)).then(
        (answer) => {
          // Node's own answers always say HTTP/1.1.
          if (httpVersion === "1.0") {
            end(socket, httpVersion, answer);
            return;
          }
          if (closing) response.setHeader("connection", "close");
          reply(response, answer);
        },
        (error: unknown) => {
          if (error instanceof BodyError) return;
          socket.destroy();
          onError(error);
        },
      );
    },
  );
  http1.on("clientError", ({ code, message }: NodeJS.ErrnoException, socket: Socket) => {
    const request = readingBody.get(socket);
    if (request === undefined) {
      end(socket, "1.1", { status: code === "HPE_HEADER_OVERFLOW" ? 431 : 400 });
      return;
    }
    const reason = `error reading a body from connection: ${message}`;
    onBodyError(reason);
    end(socket, request.httpVersion, { status: 500, body: reason });
  });
  // hyper has no time limits; one on idle connections would race with the next export.
  http1.keepAliveTimeout = 0;
  http1.requestTimeout = 0;
  http1.headersTimeout = 0;

  const http2 = createHttp2Server((request, response) => {
    const body = async (): Promise<Buffer> => {
      const bytes = await buffer(request).catch(() => undefined);
      if (bytes !== undefined && isWhole(request.stream)) return bytes;
      onBodyError("error reading a body from connection: the stream was reset");
      throw new BodyError();
    };
    handle(requestOf(request, body)).then(
      (answer) => {
        reply(response, answer);
      },
      (error: unknown) => {
        if (error instanceof BodyError) return;
        response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        onError(error);
      },
    );
  });
  http2.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });

  // http1 listens, so that closing it waits for its requests; what it gets goes to whom the first bytes call
  // for.
  const [serveHttp1] = http1.listeners("connection") as [(socket: Socket) => void];
  http1.removeListener("connection", serveHttp1);
  http1.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    handOver(socket, {
      http1: () => {
        serveHttp1.call(http1, socket);
      },
      http2: () => http2.emit("connection", socket),
    });
  });
  http1.listen(port, address);
  await once(http1, "listening");
  return {
    port: (http1.address() as AddressInfo).port,
    close: async () => {
      if (!http1.listening) return;
      const closed = once(http1, "close");
      closing = true;
      http1.close();
      for (const session of sessions) session.close();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      await closed;
    },
    abort: () => {
      http1.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A stream that is reset ends for its reader as one that came whole; only its state tells them apart. */
function isWhole(stream: ServerHttp2Stream): boolean {
  return stream.state.state === constants.NGHTTP2_STREAM_STATE_HALF_CLOSED_REMOTE;
}
