/**
 * A row of DeepFlow's table l7_flow_log as far as an OpenTelemetry span fills it, named as its columns are
 * (deepflow server/ingester/flow_log/log_data/l7_flow_log.go). Texts that nothing fills are empty, and what
 * is nullable is absent. No span fills request_id.
 */
export interface L7FlowLog {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** The side that was observed: of a client or producer, of a server or consumer, or neither. */
  tapSide: "c-app" | "s-app" | "app";
  /**
   * Addresses of the client (0) and the server (1): of the sender by `app.host.ip`, of its peer by the span.
   */
  ip0?: string;
  ip1?: string;
  /** Number of the transport protocol: 6 for TCP, 17 for UDP. */
  protocol: number;
  /** Number of the protocol, 0 for an unknown one. */
  l7Protocol: number;
  /** Name of the protocol as the span has it; `l7_protocol_str` up to v6.5. */
  bizProtocol: string;
  isTls: 0 | 1;
  version: string;
  /** The span's name. */
  endpoint: string;
  requestType: string;
  requestDomain: string;
  requestResource: string;
  /** Bytes. */
  requestLength?: number;
  /** Bytes. */
  responseLength?: number;
  responseCode?: number;
  /** 0 success, 3 server error, 4 client error, 5 unknown (server/libs/datatype/protocol_logs.go). */
  responseStatus: number;
  /**
   * The meaning of an HTTP error, without the RFC that DeepFlow names after some, or a failed span's message.
   */
  responseException: string;
  sqlAffectedRows?: number;
  appService: string;
  appInstance: string;
  /** attribute_names and attribute_values: the span's, then its resource's. */
  attributes: [name: string, value: string][];
  /** metrics_names and metrics_values. */
  metrics: [name: string, value: number][];
}
