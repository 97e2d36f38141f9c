import { readFileSync } from "node:fs";
import protobuf from "protobufjs";

const schema = new URL("../../../local/deepflow/otlp-trace.proto", import.meta.url);
const tracesData = protobuf.parse(readFileSync(schema, "utf8")).root.lookupType("otlp.TracesData");

/** An OTLP export request as protobuf. Fields as in local/deepflow/otlp-trace.proto, in camel case. */
export function encodeTraces(resourceSpans: readonly object[]): Uint8Array {
  return tracesData.encode(tracesData.fromObject({ resourceSpans })).finish();
}
