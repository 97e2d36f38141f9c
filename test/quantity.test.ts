import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Quantity } from "../components/quantity.ts";

function canonical(text: string): string | undefined {
  return Quantity.parse(text)?.toString();
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
    expect(Quantity.parse(text)).toBeUndefined();
  },
);

test("spelling a quantity changes neither its value nor, the second time, its text", () => {
  const quantities = fc
    .tuple(fc.nat(1_000_000), fc.constantFrom("m", "", "k", "M", "G", "Ki", "Mi", "Gi"))
    .map(([number, suffix]) => `${number}${suffix}`);
  fc.assert(
    fc.property(quantities, (text) => {
      const first = canonical(text) ?? "";
      expect(Quantity.parse(first)?.milli).toBe(Quantity.parse(text)?.milli);
      expect(canonical(first)).toBe(first);
    }),
  );
});

describe("mebibytes", () => {
  const of = (text: string) => Quantity.parse(text) ?? expect.unreachable(`${text} is no quantity`);

  test("are exact, or an error that names the quantity", () => {
    expect([of("512Mi").mebibytes, of("1Gi").mebibytes]).toEqual([512, 1024]);
    expect(() => of("600M").mebibytes).toThrow(
      "600M is no whole number of mebibytes; write one such as 512Mi.",
    );
  });

  test("within a limit are rounded down", () => {
    expect([of("100M").mebibytesWithin, of("1023Ki").mebibytesWithin]).toEqual([95, 0]);
  });
});
