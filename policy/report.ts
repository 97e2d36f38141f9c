import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import type { AcceptedFinding } from "./acceptance.ts";
import type { Finding } from "./finding.ts";

/** What was found in a stack. */
export interface StackReport {
  readonly stack: string;
  /** How many objects were looked at. */
  readonly objects: number;
  readonly open: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
}

/** The reports as text for a window of `columns`: by stack, a table of what is to be mended. */
export function reportText(reports: readonly StackReport[], columns = Infinity): string {
  return reports.map((report) => stackText(report, columns)).join("\n\n");
}

function stackText({ stack, objects, open, accepted }: StackReport, columns: number): string {
  const kept = `${count(accepted.length, "accepted finding")} (docs/policy.md)`;
  if (open.length === 0) {
    return styleText("green", `Stack ${stack}: nothing to mend in ${count(objects, "object")}; ${kept}.`);
  }
  const heading = `Stack ${stack}: ${count(open.length, "finding")} in ${count(objects, "object")}, besides ${kept}.`;
  return `${styleText("red", heading)}\n${findingsText(open, columns)}`;
}

/** A table where it fits the window, else a block of lines for each finding. */
function findingsText(findings: readonly Finding[], columns: number): string {
  const rows = findings.map(({ object, rule, problem, advice }) => [
    object,
    rule,
    `${problem} ${advice}`.trim(),
  ]);
  const fixed = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  const borders = 4;
  const room = columns - borders - fixed.reduce((sum, width) => sum + width, 0);
  if (room >= 40) {
    const table = new Table({
      head: ["Object", "Rule", "What to do"].map((text) => styleText("bold", text)),
      style: { head: [], border: [] },
      ...(Number.isFinite(room) && { colWidths: [...fixed, room], wordWrap: true }),
    });
    table.push(...rows);
    const text = table.toString();
    if (text.split("\n").every((line) => stripVTControlCharacters(line).length <= columns)) return text;
  }
  return findings
    .map(({ object, rule, problem, advice }) =>
      [
        styleText("bold", object),
        `  ${rule}`,
        `  ${problem}`,
        ...(advice === "" ? [] : [`  ${advice}`]),
      ].join("\n"),
    )
    .join("\n");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
