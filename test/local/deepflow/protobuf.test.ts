import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { decodeStrictly } from "../../../local/deepflow/protobuf.ts";

const type = protobuf
  .parse(
    `syntax = "proto3";
     message Sample {
       string text = 1;
       int32 number = 2;
       fixed64 time = 3;
       repeated Sample inner = 4;
       int64 large = 5;
       double fraction = 6;
       bytes raw = 7;
       oneof choice { string left = 8; bool right = 9; }
       Sample single = 10;
     }`,
  )
  .root.lookupType("Sample");

const decode = (...bytes: number[]): unknown => decodeStrictly(type, Uint8Array.from(bytes));
const encode = (message: object): number[] => [...type.encode(type.fromObject(message)).finish()];

test("what protobufjs encodes is decoded", () => {
  const message = { text: "grün", number: -1, inner: [{ number: 7 }, {}], fraction: 0.25 };
  expect(decode(...encode(message))).toEqual(message);
});

test("64-bit integers keep every digit", () => {
  expect(decode(0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)).toEqual({ large: -1n });
  expect(decode(0x19, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).toEqual({ time: 2n ** 63n - 1n });
});

test("unknown fields of every wire type are skipped, groups too", () => {
  expect(
    decode(
      ...[0xa0, 0x06, 0x96, 0x01],
      ...[0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
      ...[0xa2, 0x06, 1, 0],
      ...[0xa3, 0x06, 0x08, 1, 0xa4, 0x06],
      ...[0xa5, 0x06, 1, 2, 3, 4],
      ...[0x10, 5],
    ),
  ).toEqual({ number: 5 });
});

test("the last member of a oneof wins", () => {
  expect(decode(...encode({ left: "a" }), ...encode({ right: true }))).toEqual({ right: true });
});

test("a message given twice is merged", () => {
  expect(decode(...encode({ single: { number: 1 } }), ...encode({ single: { text: "a" } }))).toEqual({
    single: { number: 1, text: "a" },
  });
});

test.each([
  ["an unknown varint of eleven bytes", [0xa0, 0x06, ...Array<number>(10).fill(0x80), 0x01]],
  ["a wrong wire type in an inner message", [0x22, 2, 0x08, 1]],
  ["a wrong wire type in a repeated message's second", [0x22, 0, 0x22, 2, 0x08, 1]],
  ["a string as a varint", [0x08, 1]],
  ["a number as a string", [0x12, 1, 0x31]],
  ["a fixed64 as a fixed32", [0x1d, 1, 2, 3, 4]],
  ["a message as a varint", [0x20, 1]],
  ["invalid UTF-8 in a string", [0x0a, 2, 0xc3, 0x28]],
  ["a length past the end", [0x0a, 5, 0x61]],
  ["an inner length past its message", [0x22, 2, 0x0a, 5, 0x61, 0x61, 0x61, 0x61, 0x61]],
  ["a varint without an end", [0x10, 0x80]],
  ["a varint of eleven bytes", [0x10, ...Array<number>(10).fill(0x80), 0x01]],
  ["a varint beyond 64 bits", [0x10, ...Array<number>(9).fill(0xff), 0x02]],
  ["half a fixed64", [0x19, 1, 2, 3, 4]],
  ["a tag without a value", [0x0a]],
  ["field number 0", [0x02, 0]],
  ["wire type 6", [0x0e, 0]],
  ["wire type 7", [0xa7, 0x06, 0]],
  ["the end of a group that never began", [0xa4, 0x06]],
  ["a group without an end", [0xa3, 0x06, 0x08, 1]],
])("%s is refused", (_, bytes) => {
  expect(() => decode(...bytes)).toThrow();
});

test("invalid UTF-8 in bytes is none of its business", () => {
  expect(decode(0x3a, 2, 0xc3, 0x28)).toEqual({ raw: Uint8Array.of(0xc3, 0x28) });
});

test("nesting beyond a hundred messages is refused, and a hundred are not", () => {
  const nested = (depth: number): number[] => {
    let bytes: number[] = [];
    for (let level = 0; level < depth; level += 1) bytes = [0x22, ...varint(bytes.length), ...bytes];
    return bytes;
  };
  expect(() => decode(...nested(100))).not.toThrow();
  expect(() => decode(...nested(101))).toThrow("max depth exceeded");
});

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
}
