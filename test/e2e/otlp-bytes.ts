/**
 * OTLP in bytes, field by field, because a protocol buffers library would not write what tests have to send.
 */

/** A text or bytes that need not be one. */
export type Text = string | Uint8Array;

export interface OddSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId?: Uint8Array;
  readonly traceState?: Text;
  readonly name?: Text;
  readonly kind?: number;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly attributes?: readonly Attribute[];
  readonly events?: readonly { readonly name: Text; readonly attributes: readonly Attribute[] }[];
  readonly links?: readonly {
    readonly traceId: Uint8Array;
    readonly spanId: Uint8Array;
    readonly traceState?: Text;
  }[];
  readonly status?: { readonly message: Text; readonly code: number };
  /** A field that no version of the protocol has. */
  readonly unknown?: Uint8Array;
}

export interface OddResourceSpans {
  /** No resource where it is left out. */
  readonly resource?: readonly Attribute[];
  readonly schemaUrl?: Text;
  readonly scopes: readonly {
    readonly scope?: {
      readonly name: Text;
      readonly version: Text;
      readonly attributes: readonly Attribute[];
    };
    readonly schemaUrl?: Text;
    readonly spans: readonly OddSpan[];
  }[];
}

export type Attribute = readonly [key: Text, value: Value];

export type Value =
  | { readonly text: Text }
  | { readonly bool: boolean }
  | { readonly int: bigint }
  | { readonly double: number }
  | { readonly bytes: Uint8Array }
  | { readonly list: readonly Value[] }
  | { readonly map: readonly Attribute[] }
  | { readonly unset: true }
  | { readonly levels: number; readonly shape: "list" | "map" };

/** An ExportTraceServiceRequest. */
export function exportBytes(request: readonly OddResourceSpans[]): Uint8Array {
  return message(...request.map((resourceSpans) => field(1, resourceSpansBytes(resourceSpans))));
}

function resourceSpansBytes({ resource, schemaUrl, scopes }: OddResourceSpans): Buffer {
  return message(
    ...(resource ? [field(1, attributesBytes(1, resource))] : []),
    ...scopes.map(({ scope, schemaUrl, spans }) =>
      field(
        2,
        message(
          ...(scope
            ? [
                field(
                  1,
                  message(
                    field(1, scope.name),
                    field(2, scope.version),
                    attributesBytes(3, scope.attributes),
                  ),
                ),
              ]
            : []),
          ...spans.map((span) => field(2, spanBytes(span))),
          field(3, schemaUrl),
        ),
      ),
    ),
    field(3, schemaUrl),
  );
}

function spanBytes(span: OddSpan): Buffer {
  return message(
    field(1, span.traceId),
    field(2, span.spanId),
    field(3, span.traceState),
    field(4, span.parentSpanId),
    field(5, span.name),
    integer(6, span.kind ?? 0),
    fixed(7, span.start ?? 0n),
    fixed(8, span.end ?? 0n),
    attributesBytes(9, span.attributes ?? []),
    ...(span.events ?? []).map(({ name, attributes }) =>
      field(11, message(field(2, name), attributesBytes(3, attributes))),
    ),
    ...(span.links ?? []).map(({ traceId, spanId, traceState }) =>
      field(13, message(field(1, traceId), field(2, spanId), field(3, traceState))),
    ),
    ...(span.status ? [field(15, message(field(2, span.status.message), integer(3, span.status.code)))] : []),
    field(4095, span.unknown),
  );
}

function attributesBytes(number: number, attributes: readonly Attribute[]): Buffer {
  return message(...attributes.map((attribute) => field(number, attributeBytes(attribute))));
}

function attributeBytes([key, value]: Attribute): Buffer {
  return message(field(1, key), field(2, valueBytes(value)));
}

function valueBytes(value: Value): Buffer {
  if ("text" in value) return field(1, value.text);
  if ("bool" in value) return integer(2, value.bool ? 1 : 0);
  if ("int" in value) return integer(3, value.int);
  if ("double" in value) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value.double);
    return Buffer.concat([tag(4, 1), bytes]);
  }
  if ("bytes" in value) return field(7, value.bytes);
  if ("list" in value) return field(5, message(...value.list.map((item) => field(1, valueBytes(item)))));
  if ("map" in value) return field(6, attributesBytes(1, value.map));
  if ("levels" in value) return nestedBytes(value.levels, value.shape);
  return Buffer.alloc(0);
}

/** A list in a list, or a map in a map, without recursion and without copying each level into the next. */
function nestedBytes(levels: number, shape: "list" | "map"): Buffer {
  const tags = (shape === "list" ? [1, 5] : [2, 1, 6]).map((number) => tag(number, 2));
  const outwards: Buffer[] = [];
  let length = 0;
  for (let level = 0; level < levels; level += 1) {
    for (const tag of tags) {
      const prefix = Buffer.concat([tag, varint(BigInt(length))]);
      outwards.push(prefix);
      length += prefix.length;
    }
  }
  return Buffer.concat(outwards.reverse());
}

const message = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

/** A length-delimited field; nothing where there is no content. */
function field(number: number, content: Text | undefined): Buffer {
  if (content === undefined) return Buffer.alloc(0);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return Buffer.concat([tag(number, 2), varint(BigInt(bytes.length)), bytes]);
}

function integer(number: number, value: number | bigint): Buffer {
  return Buffer.concat([tag(number, 0), varint(BigInt.asUintN(64, BigInt(value)))]);
}

function fixed(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return Buffer.concat([tag(number, 1), bytes]);
}

function tag(number: number, wireType: number): Buffer {
  return varint((BigInt(number) << 3n) | BigInt(wireType));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}
