import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatQuantity, mebibytes, mebibytesWithin, parseQuantity } from "../components/quantity.ts";

function canonical(text: string): string | undefined {
  const quantity = parseQuantity(text);
  return quantity && formatQuantity(quantity);
}

describe("a quantity is spelled as the API server stores it", () => {
  test.each([
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["0.1", "100m"],
    ["2.0", "2"],
    ["0", "0"],
    ["1024Mi", "1Gi"],
    ["0.5Gi", "512Mi"],
    ["1536Mi", "1536Mi"],
    ["2048Ki", "2Mi"],
    ["1000M", "1G"],
    ["128974848", "128974848"],
    ["500000", "500k"],
  ])("%s is %s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});

test.each(["", "m", "Mi", "1.", ".5", "-1", "1mi", "1 Gi", "1e3", "0.0001m", "Infinity", "1KI"])(
  "%j is no quantity",
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);

test("spelling a quantity changes neither its value nor, the second time, its text", () => {
  const quantities = fc
    .tuple(fc.nat(1_000_000), fc.constantFrom("m", "", "k", "M", "G", "Ki", "Mi", "Gi"))
    .map(([number, suffix]) => `${number}${suffix}`);
  fc.assert(
    fc.property(quantities, (text) => {
      const first = canonical(text) ?? "";
      expect(parseQuantity(first)?.milli).toBe(parseQuantity(text)?.milli);
      expect(canonical(first)).toBe(first);
    }),
  );
});

describe("mebibytes", () => {
  const of = (text: string) => parseQuantity(text) ?? { milli: -1n, binary: false };

  test("are exact, or an error that names the quantity", () => {
    expect([mebibytes(of("512Mi")), mebibytes(of("1Gi"))]).toEqual([512, 1024]);
    expect(() => mebibytes(of("600M"))).toThrow(
      "600M is no whole number of mebibytes; write one such as 512Mi.",
    );
  });

  test("within a limit are rounded down", () => {
    expect([mebibytesWithin(of("100M")), mebibytesWithin(of("1023Ki"))]).toEqual([95, 0]);
  });
});
