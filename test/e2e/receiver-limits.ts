interface Config {
  receivers: { otlp: { protocols: { http: Record<string, unknown>; grpc: Record<string, unknown> } } };
  processors: { memory_limiter: Record<string, unknown> };
}

/** Makes a Collector's configuration what it was before receivers had limits. */
export function removeLimits({ receivers, processors }: Config): void {
  const { http, grpc } = receivers.otlp.protocols;
  delete http["max_request_body_size"];
  delete grpc["max_recv_msg_size_mib"];
  processors.memory_limiter["check_interval"] = "1s";
}
