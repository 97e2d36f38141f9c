import type { FieldChange, ObjectChange } from "./diff.ts";

/** What a GitHub comment holds, in characters: its API refuses a longer body. */
export const commentLimit = 65_536;

export type Paint = (color: "red" | "green" | "bold", text: string) => string;

/** One line of a change: `-` what was, `+` what is. */
function fieldLines({ field, before, after }: FieldChange): string[] {
  return [
    ...(before === undefined ? [] : [`- ${field}: ${before}`]),
    ...(after === undefined ? [] : [`+ ${field}: ${after}`]),
  ];
}

/** How many objects were added, changed and removed, as a sentence. */
export function summary(stack: string, changes: readonly ObjectChange[]): string {
  if (changes.length === 0) return `Stack ${stack}: no object differs.`;
  const counts = (["added", "changed", "removed"] as const).map(
    (kind) => `${changes.filter(({ change }) => change === kind).length} ${kind}`,
  );
  return `Stack ${stack}: objects ${counts.join(", ")}.`;
}

/** The changes for a terminal; the terminal itself wraps what is too long. */
export function terminalText(stack: string, changes: readonly ObjectChange[], paint: Paint): string {
  const objects = changes.flatMap(({ object, change, fields }) => [
    "",
    paint("bold", `${object} (${change})`),
    ...fields.flatMap(fieldLines).map((line) => paint(line.startsWith("-") ? "red" : "green", `  ${line}`)),
  ]);
  return [summary(stack, changes), ...objects].join("\n");
}

/** The changes as Markdown, one collapsed section per object; what does not fit in `limit` characters is counted. */
export function markdownText(
  stacks: ReadonlyMap<string, readonly ObjectChange[]>,
  limit = commentLimit,
): string {
  const parts = [...stacks].flatMap(([stack, changes]) => [
    `**${summary(stack, changes)}**\n`,
    ...changes.map(section),
  ]);
  const room = limit - 200;
  let length = 0;
  const fitting = parts.filter((part) => (length += part.length + 1) <= room);
  const left = parts.length - fitting.length;
  return [
    ...fitting,
    ...(left > 0 ? [`${left} more sections do not fit here; run \`npm run diff\` to see them.`] : []),
  ].join("\n");
}

function section({ object, change, fields }: ObjectChange): string {
  const lines = fields.flatMap(fieldLines);
  // A fence longer than any in the content cannot be closed by it.
  const longest = Math.max(2, ...[...lines.join("\n").matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const title = `<summary><code>${object}</code> ${change}, fields: ${fields.length}</summary>`;
  return ["<details>", title, "", `${fence}diff`, ...lines, fence, "", "</details>", ""].join("\n");
}
