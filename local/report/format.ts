const digits = new Intl.NumberFormat("en", {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: "morePrecision",
});

/** A time with three digits, or all that stand before the point: `0.0421 ms`, `12.3 ms`, `1,234 ms`. */
export function milliseconds(ms: number): string {
  return `${digits.format(ms)} ms`;
}

/** Date and time of day in UTC, to the minute: `21 November 2026 at 10:52 UTC`. */
export function dateAndTime(date: Date): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })
    .format(date)
    .concat(" UTC");
}
