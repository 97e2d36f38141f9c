import { styleText } from "node:util";
import type { StepResult } from "../finding.ts";
import { marks } from "./marks.ts";

const colours = { right: "green", wrong: "red", quiet: "gray" } as const;

/** What was found, step by step, for a terminal or a log. */
export function ladderReport(steps: readonly StepResult[]): string {
  return steps.map(stepLines).join("\n");
}

function stepLines({ number, title, finding }: StepResult): string {
  const { symbol, colour } = marks[finding.state];
  const first = `${styleText(colours[colour], symbol)} ${number}. ${title}: ${finding.saw}`;
  if (finding.state !== "failed") return first;
  return [first, `  That means: ${finding.means}`, `  What to do: ${finding.fix}`].join("\n");
}
