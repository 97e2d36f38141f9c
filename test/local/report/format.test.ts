import { expect, test } from "vitest";
import { count } from "../../../local/replay/count.ts";
import { dateAndTime, milliseconds } from "../../../local/report/format.ts";

test.each([
  [0, "0 ms"],
  [0.042123, "0.0421 ms"],
  [1.2345, "1.23 ms"],
  [12.345, "12.3 ms"],
  [123.45, "123 ms"],
  [1234.5, "1,235 ms"],
])("%d milliseconds are written %s", (ms, text) => {
  expect(milliseconds(ms)).toBe(text);
});

test("One of a thing is written without s", () => {
  expect([count(0, "span"), count(1, "span"), count(1204, "span")]).toEqual([
    "0 spans",
    "1 span",
    "1,204 spans",
  ]);
});

test("Date and time are written in UTC, wherever the page is made", () => {
  expect(dateAndTime(new Date("2026-11-21T23:52:59+02:00"))).toBe("21 November 2026 at 21:52 UTC");
});
