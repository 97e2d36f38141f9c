import protobuf from "protobufjs";

/**
 * Decodes `bytes` as `type` with the strictness of Rust's prost, which DeepFlow's agent uses: fields by their
 * JSON name, absent ones absent, 64-bit integers as bigint.
 *
 * @throws Error for truncated input, a wrong wire type, an over-long varint, invalid UTF-8 in a string, an
 * unmatched group and nesting deeper than 100. Wrong wire types in a member of a oneof that a later one
 * replaces are overlooked.
 */
export function decodeStrictly(type: protobuf.Type, bytes: Uint8Array): object {
  const message = type.decode(new StrictReader(bytes));
  refuseSkipped(message);
  return type.toObject(message, { longs: BigInt });
}

/** protobufjs takes a known field of another wire type for an unknown one, and skips it. */
function refuseSkipped(message: protobuf.Message): void {
  const { $type: type, $unknowns = [] } = message;
  for (const skipped of $unknowns) {
    const tag = protobuf.Reader.create(skipped).tag();
    const field = type.fieldsById[tag >>> 3];
    if (field !== undefined)
      throw new Error(`${type.name}.${field.name} is a ${field.type} and came with wire type ${tag & 7}.`);
  }
  const values: unknown[] = Object.values(message as object);
  for (const value of values.flat()) {
    if (value instanceof protobuf.Message) refuseSkipped(value as protobuf.Message);
  }
}

/** protobufjs drops what a varint has beyond 64 bits, and skips one of any length. */
class StrictReader extends protobuf.Reader {
  override discardUnknown = false;

  override uint32(): number {
    this.#refuseLongVarint();
    return super.uint32();
  }

  override int64(): protobuf.Long {
    this.#refuseLongVarint();
    return super.int64();
  }

  override bool(): boolean {
    this.#refuseLongVarint();
    return super.bool();
  }

  override skip(length?: number): this {
    if (length === undefined) this.#refuseLongVarint();
    super.skip(length);
    return this;
  }

  #refuseLongVarint(): void {
    const { buf, pos } = this;
    const isLong = buf.subarray(pos, pos + 9).every((byte) => byte >= 0x80);
    if (isLong && (buf[pos + 9] ?? 0) > 1)
      throw new Error(`The varint at byte ${pos} does not fit in 64 bits.`);
  }
}
