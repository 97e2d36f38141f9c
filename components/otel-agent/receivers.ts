import type { MemorySizes } from "./memory.ts";
import { ports, type CollectorPort, type ReceiverSettings } from "./ports.ts";

/**
 * The Collector's receivers by name: OTLP's, and those that a stack switches on for clients of older tracers.
 * All of them know the connection that a span came on, by which its pod is found. Jaeger's UDP protocols are
 * left out: nothing has shown that their spans find their pod.
 */
export function receivers(
  { jaeger, zipkin }: ReceiverSettings,
  listenAddress: (port: CollectorPort) => string,
  { requestMib }: MemorySizes,
): Record<string, object> {
  const grpc = (port: CollectorPort) => ({
    endpoint: listenAddress(port),
    max_recv_msg_size_mib: requestMib,
  });
  const http = (port: CollectorPort) => ({
    endpoint: listenAddress(port),
    max_request_body_size: requestMib * 1024 * 1024,
    // A connection that is kept would be cut at SIGTERM, with whatever request is on its way on it.
    response_headers: { Connection: "close" },
  });
  return {
    otlp: { protocols: { grpc: grpc(ports.otlpGrpc), http: http(ports.otlpHttp) } },
    ...(jaeger.enabled && {
      jaeger: { protocols: { grpc: grpc(ports.jaegerGrpc), thrift_http: http(ports.jaegerHttp) } },
    }),
    ...(zipkin.enabled && { zipkin: http(ports.zipkin) }),
  };
}
