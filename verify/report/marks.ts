import type { Finding } from "../finding.ts";

/** How a finding is marked; a colour is a class of the page and a colour of the terminal. */
export const marks: Readonly<
  Record<Finding["state"], { symbol: string; word: string; colour: "right" | "wrong" | "quiet" }>
> = {
  passed: { symbol: "✓", word: "right", colour: "right" },
  failed: { symbol: "✗", word: "wrong", colour: "wrong" },
  skipped: { symbol: "-", word: "nothing to ask", colour: "quiet" },
  notAsked: { symbol: "?", word: "not asked", colour: "quiet" },
};
