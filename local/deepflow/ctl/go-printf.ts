/**
 * What Go's `fmt.Printf(text)` prints: a percent sign begins a verb, and there is no operand for it.
 */
export function printfWithoutOperands(text: string): string {
  return text.replace(
    /%[-+# 0]*(\*|\d*)(?:\.(\*|\d*))?([^]|$)/gu,
    (_, width: string, precision: string, verb: string) => {
      const bad = `${width === "*" ? "%!(BADWIDTH)" : ""}${precision === "*" ? "%!(BADPREC)" : ""}`;
      if (verb === "") return `${bad}%!(NOVERB)`;
      return verb === "%" ? `${bad}%` : `${bad}%!${verb}(MISSING)`;
    },
  );
}
