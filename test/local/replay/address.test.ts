import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAddress, parsePort, withoutOptions } from "../../../local/replay/address.ts";

test.each([
  ["host:port", "cart:7070", { host: "cart", port: 7070 }],
  ["host:port", "10.0.0.1:7070,ssl=false,password=x", { host: "10.0.0.1", port: 7070 }],
  ["host:port", "cart", undefined],
  ["host:port", "cart:0", undefined],
  ["host:port", "cart:65536", undefined],
  ["host:port", "http://cart:7070", undefined],
  ["host:port", "cart:7070 ", undefined],
  ["host:port", "", undefined],
  ["host", "nacos", { host: "nacos", port: 99 }],
  ["host", "10.0.0.1", { host: "10.0.0.1", port: 99 }],
  ["host", "no host", undefined],
  ["host", "", undefined],
  ["url", "http://email:8080", { host: "email", port: 8080 }],
  ["url", "http://email/path", { host: "email", port: 80 }],
  ["url", "https://email", { host: "email", port: 443 }],
  ["url", "email:8080", undefined],
  ["url", "grpc://email:8080", undefined],
  ["url", "", undefined],
] as const)("%s %j", (as, value, address) => {
  expect(parseAddress(value, as, 99)).toEqual(address);
});

test("every host and port is read in every spelling", () => {
  const host = fc.oneof(fc.ipV4(), fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z]$/));
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65535 }), (host, port) => {
      const address = { host, port };
      expect(parseAddress(`${host}:${port}`, "host:port", 99)).toEqual(address);
      expect(parseAddress(`http://${host}:${port}`, "url", 99)).toEqual(address);
      expect(parseAddress(host, "host", port)).toEqual(address);
    }),
  );
});

test("a port is a whole number up to 65535", () => {
  expect(["1", "65535", "0", "65536", "80a", "", "-1", "8e3"].map(parsePort)).toEqual([
    ...[1, 65535],
    ...[undefined, undefined, undefined, undefined, undefined, undefined],
  ]);
});

test("a password behind the address is not shown", () => {
  expect(withoutOptions("redis:6379,password=a\nb")).toBe("redis:6379");
});
