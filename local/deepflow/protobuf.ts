import protobuf from "protobufjs";

/** A decoded message: fields by their JSON name, absent ones absent, 64-bit integers as bigint. */
export interface Message {
  [field: string]: Value | Value[];
}
export type Value = string | number | bigint | boolean | Uint8Array | Message;

/** How deep messages may nest: prost's own limit (RECURSION_LIMIT). */
const maximumDepth = 100;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes `bytes` as `type` with the strictness of Rust's prost, which DeepFlow's agent uses. protobufjs' own
 * decoder forgives what prost refuses: it skips a known field that has another wire type.
 *
 * @throws Error for truncated input, a wrong wire type, an over-long varint, invalid UTF-8 in a string, an
 * unmatched group and nesting deeper than 100.
 */
export function decodeStrictly(type: protobuf.Type, bytes: Uint8Array): Message {
  const message: Message = {};
  readMessage(new WireReader(bytes), bytes.length, type, message, 0);
  return message;
}

function readMessage(wire: WireReader, end: number, type: protobuf.Type, into: Message, depth: number): void {
  if (depth > maximumDepth) throw new Error(`A ${type.name} is nested deeper than ${maximumDepth}.`);
  while (wire.position < end) {
    const { number, wireType } = wire.tag();
    const field = type.fieldsById[number];
    if (field === undefined) {
      wire.skip(number, wireType, depth);
      continue;
    }
    field.resolve();
    const expected = wireTypes[field.type] ?? 2;
    if (wireType !== expected) {
      const name = `${type.name}.${field.name}`;
      throw new Error(`${name} came with wire type ${wireType}; a ${field.type} has ${expected}.`);
    }
    const known = into[field.name];
    if (field.repeated) {
      const value = readValue(wire, field, undefined, depth);
      if (Array.isArray(known)) known.push(value);
      else into[field.name] = [value];
    } else {
      into[field.name] = readValue(wire, field, known, depth);
      for (const other of field.partOf?.fieldsArray ?? []) {
        if (other !== field) Reflect.deleteProperty(into, other.name);
      }
    }
  }
  if (wire.position !== end) throw new Error(`A field of ${type.name} reaches past the end of its message.`);
}

/** Wire types of the scalar types in use; everything else is length-delimited (2). */
const wireTypes: Record<string, number> = {
  bool: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  fixed64: 1,
  double: 1,
};

function readValue(wire: WireReader, field: protobuf.Field, known: unknown, depth: number): Value {
  switch (field.type) {
    case "bool":
      return wire.varint() !== 0n;
    case "int32":
      return Number(BigInt.asIntN(32, wire.varint()));
    case "uint32":
      return Number(BigInt.asUintN(32, wire.varint()));
    case "int64":
      return BigInt.asIntN(64, wire.varint());
    case "fixed64":
      return wire.fixed(8).getBigUint64(0, true);
    case "double":
      return wire.fixed(8).getFloat64(0, true);
    case "bytes":
      return wire.bytes();
    case "string":
      return utf8.decode(wire.bytes());
  }
  const type = field.resolvedType;
  if (!(type instanceof protobuf.Type)) throw new Error(`Type ${field.type} needs a case in this decoder.`);
  // A message given twice is merged, as the protocol buffers encoding rules have it.
  const message = isMessage(known) ? known : {};
  const end = wire.length() + wire.position;
  readMessage(wire, end, type, message, depth + 1);
  return message;
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

/** Reads the primitives of the wire format; every read past the end throws. */
class WireReader {
  position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  tag(): { number: number; wireType: number } {
    const tag = this.varint();
    const number = Number(tag >> 3n);
    if (tag > 0xffffffffn || number === 0) throw new Error(`${tag.toString()} is no field tag.`);
    return { number, wireType: Number(tag & 7n) };
  }

  varint(): bigint {
    // Almost every varint is a small tag or length, which needs no 64-bit arithmetic.
    const first = this.#byte();
    if (first < 0x80) return BigInt(first);
    let value = BigInt(first & 0x7f);
    for (let shift = 7n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value > 0xffffffffffffffffn) break;
        return value;
      }
    }
    throw new Error(`A varint before byte ${this.position} does not fit in 64 bits.`);
  }

  length(): number {
    const length = this.varint();
    if (length > BigInt(this.#bytes.length - this.position)) {
      throw new Error(`A length of ${length.toString()} at byte ${this.position} reaches past the end.`);
    }
    return Number(length);
  }

  bytes(): Uint8Array {
    const length = this.length();
    const start = this.position;
    this.position += length;
    return this.#bytes.subarray(start, this.position);
  }

  fixed(length: 4 | 8): DataView {
    const start = this.position;
    if (start + length > this.#bytes.length) throw new Error("The input ends inside a fixed-size value.");
    this.position += length;
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  /** Skips the value of an unknown field; a group up to its own end tag. */
  skip(number: number, wireType: number, depth: number): void {
    if (depth > maximumDepth) throw new Error(`An unknown group is nested deeper than ${maximumDepth}.`);
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.fixed(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.fixed(4);
    else if (wireType === 3) {
      for (let inner = this.tag(); inner.wireType !== 4 || inner.number !== number; inner = this.tag()) {
        this.skip(inner.number, inner.wireType, depth + 1);
      }
    } else throw new Error(`Field ${number} has wire type ${wireType}, which cannot stand here.`);
  }

  #byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new Error("The input ends inside a varint.");
    this.position += 1;
    return byte;
  }
}
