const whole = new Intl.NumberFormat("en");

/** `1 span`, `2 spans`, `1,204 spans`. */
export function count(number: number, noun: string): string {
  return `${whole.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}
