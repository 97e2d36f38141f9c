import type { Socket } from "node:net";
import { unmapIPv4 } from "../cluster/node/sender.ts";
import { errorMessage } from "../cluster/terminal/error-message.ts";
import { gunzipFirstMember } from "./gzip.ts";
import type { HttpAnswer, HttpRequest } from "./http-message.ts";
import { startHttpServer } from "./http-server.ts";
import type { HttpServer } from "./http-server.ts";
import { assertSpanKinds, decodeTraces, fillHostAddress, SpanKindPanic, spansOf } from "./otlp.ts";
import type { Span } from "./otlp.ts";

/** The path at which DeepFlow's agent takes OTLP traces. */
export const tracePath = "/api/v1/otel/trace";

/** What else it takes, none of which are OTLP traces. */
const otherPaths = [
  ...["/api/v1/log", "/api/v1/prometheus", "/api/v1/telegraf", "/api/v1/profile/ingest"],
  ...["/api/v0.2/traces", "/v0.3/traces", "/v0.4/traces", "/v0.5/traces", "/v0.7/traces"],
];

/** The exception that an agent reports after a body did not come whole (deepflow message/agent.proto). */
export const integrationSocketError = 262144;

/** One export that was accepted. */
export interface TraceExport {
  /** The sender's address as the integration collector saw it, IPv4 in dotted form. */
  peerAddress: string;
  spans: Span[];
}

export interface IntegrationCollectorOptions {
  address: string;
  /** 0 takes any free port; DeepFlow's default (`inputs.integration.listen_port`) is 38086. */
  port: number;
  onRequest: (request: TraceExport) => void;
  /** The sender's address; by default the connection's remote one. */
  senderOf?: (connection: Socket) => Promise<string>;
  /**
   * Told why a connection was closed without an answer, in one sentence; DeepFlow logs that at debug level
   * only.
   */
  onDecodeError?: (reason: string) => void;
  /** Told what the agent's process panics on; the integration collector is gone by then. */
  onPanic?: (reason: string) => void;
}

export interface IntegrationCollector {
  port: number;
  /**
   * The exceptions that the agent would report to its controller, as bits: 0, or INTEGRATION_SOCKET_ERROR.
   */
  exceptions: () => number;
  /** Stops listening and resolves when the requests in flight are answered. */
  close: () => Promise<void>;
  /**
   * Ends as with the agent's process: every connection is cut, and of requests in flight nothing is recorded.
   */
  abort: () => void;
}

/**
 * The integration collector of DeepFlow's agent, as strict as the agent (agent/src/integration_collector.rs):
 * protobuf only, gzip or nothing. What it cannot decode it does not answer at all: the connection closes,
 * which an OpenTelemetry Collector takes for a reason to try again. A span kind outside the protocol's ends
 * the agent.
 *
 * @throws Error when the address cannot be listened on.
 */
export async function startIntegrationCollector(
  options: IntegrationCollectorOptions,
): Promise<IntegrationCollector> {
  const { address, port, senderOf = peerOf, onRequest, onDecodeError, onPanic } = options;
  let exceptions = 0;
  let aborted = false;

  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { method, path, socket } = request;
    if (method === "GET" && path === "/") {
      // The agent serves its documentation here; its size does not matter, that it answers does.
      return { status: 200, headers: { "content-type": "application/pdf" }, body: "%PDF-1.4\n%%EOF\n" };
    }
    if (method === "POST" && otherPaths.includes(path)) {
      // Prometheus' remote write is passed on as it came, in snappy.
      await (path === "/api/v1/prometheus" ? request.body() : inflated(request));
      return { status: 200 };
    }
    if (method !== "POST" || path !== tracePath) return { status: 404, body: "Not Found" };
    // Asked while the body arrives: a sender that has gone can no longer be found.
    const [peerAddress, bytes] = await Promise.all([senderOf(socket), inflated(request)]);
    const traces = decodeTraces(bytes);
    assertSpanKinds(traces);
    fillHostAddress(traces, peerAddress);
    // Recorded before it is acknowledged: whoever has the answer may ask for the spans at once.
    if (!aborted) onRequest({ peerAddress, spans: spansOf(traces) });
    return { status: 200 };
  };

  const abort = (): void => {
    aborted = true;
    server.abort();
  };
  const server: HttpServer = await startHttpServer({
    address,
    port,
    handle,
    onBodyError: () => {
      exceptions |= integrationSocketError;
    },
    onError: (error) => {
      const reason = errorMessage(error);
      if (!(error instanceof SpanKindPanic)) {
        onDecodeError?.(reason);
      } else if (!aborted) {
        abort();
        onPanic?.(reason);
      }
    },
  });
  return { port: server.port, exceptions: () => exceptions, close: server.close, abort };
}

/** IPv4 through an IPv6 socket counts as IPv4, as in the agent's get_ip. */
function peerOf({ remoteAddress }: Socket): Promise<string> {
  return Promise.resolve(unmapIPv4(remoteAddress));
}

/** Only the exact word `gzip` is inflated; anything else is read as it came. */
async function inflated(request: HttpRequest): Promise<Buffer> {
  const body = await request.body();
  return request.contentEncoding === "gzip" ? gunzipFirstMember(body) : body;
}
