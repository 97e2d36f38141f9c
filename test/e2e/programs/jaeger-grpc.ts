/**
 * Sends a span as Jaeger's agent did, over gRPC, to the address in JAEGER_GRPC_ADDRESS. No package registry
 * has a client of its own for this: the message is made here, by Jaeger's IDL (api_v2/collector.proto and
 * model.proto of github.com/jaegertracing/jaeger-idl). Standard output: JSON `{traceId, error?}`.
 */
import { randomBytes } from "node:crypto";
import { Client, credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";

const { root } = protobuf.parse(`
  syntax = "proto3";
  package jaeger.api_v2;
  message KeyValue { string key = 1; int32 v_type = 2; string v_str = 3; }
  message Process { string service_name = 1; repeated KeyValue tags = 2; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string operation_name = 3; uint32 flags = 5;
    Timestamp start_time = 6; Duration duration = 7; repeated KeyValue tags = 8;
  }
  message Batch { repeated Span spans = 1; Process process = 2; }
  message PostSpansRequest { Batch batch = 1; }
`);
const request = root.lookupType("jaeger.api_v2.PostSpansRequest");

const traceId = randomBytes(16);
const span = {
  traceId,
  spanId: randomBytes(8),
  operationName: "GET /jaeger",
  flags: 1,
  startTime: { seconds: Math.floor(Date.now() / 1000) },
  duration: { nanos: 5_000_000 },
  tags: [{ key: "span.kind", vStr: "server" }],
};
const message = request.create({ batch: { spans: [span], process: { serviceName: "jaeger-grpc" } } });

const client = new Client(process.env["JAEGER_GRPC_ADDRESS"] ?? "", credentials.createInsecure());
const error = await new Promise<string | undefined>((done) => {
  client.makeUnaryRequest(
    "/jaeger.api_v2.CollectorService/PostSpans",
    () => Buffer.from(request.encode(message).finish()),
    (answer) => answer,
    undefined,
    (failure) => {
      done(failure?.message);
    },
  );
});
client.close();
console.log(JSON.stringify({ traceId: traceId.toString("hex"), ...(error === undefined ? {} : { error }) }));
