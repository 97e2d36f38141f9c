import { dump } from "js-yaml";
import { opened, type FieldChange, type ObjectChange } from "./diff.ts";

/** What a GitHub comment holds, in characters: its API refuses a longer body. */
export const commentLimit = 65_536;

export type Paint = (color: "red" | "green" | "bold", text: string) => string;

/** The field, and below it what was (`-`) and what is (`+`): names are long, and windows narrow. */
function fieldLines({ field, before, after }: FieldChange): string[] {
  const indent = field === "" ? "" : "  ";
  return [
    ...(field === "" ? [] : [`  ${field}:`]),
    ...(before === undefined ? [] : valueLines(before).map((line) => `- ${indent}${line}`)),
    ...(after === undefined ? [] : valueLines(after).map((line) => `+ ${indent}${line}`)),
  ];
}

function valueLines(value: unknown): string[] {
  const isText = typeof value === "string" && value.includes("\n");
  return isText ? value.trimEnd().split("\n") : yamlLines(opened(value));
}

function yamlLines(value: unknown): string[] {
  const isFlat =
    Array.isArray(value) && value.every((item) => typeof item !== "object" && !String(item).includes("\n"));
  const options = { lineWidth: -1, noRefs: true, ...(isFlat && { flowLevel: 0 }) };
  return dump(value, options).trimEnd().split("\n");
}

/** How much was added, changed and removed, as a sentence. */
export function summary(stack: string, changes: readonly ObjectChange[]): string {
  if (changes.length === 0) return `Stack ${stack}: nothing differs.`;
  const counts = (["added", "changed", "removed"] as const).map(
    (kind) => `${changes.filter(({ change }) => change === kind).length} ${kind}`,
  );
  return `Stack ${stack}: ${counts.join(", ")}.`;
}

/** The changes for a terminal; the terminal itself wraps what is too long. */
export function terminalText(stack: string, changes: readonly ObjectChange[], paint: Paint): string {
  const objects = changes.flatMap(({ object, change, fields }) => [
    "",
    paint("bold", `${object} (${change})`),
    ...fields.flatMap(fieldLines).map((line) => painted(line, paint)),
  ]);
  return [summary(stack, changes), ...objects].join("\n");
}

function painted(line: string, paint: Paint): string {
  if (line.startsWith(" ")) return line;
  return paint(line.startsWith("-") ? "red" : "green", line);
}

/**
 * The changes as Markdown, one collapsed section per object. All of the summaries are there; of sections that
 * do not fit in `limit` characters, changed objects come before those that are on one side only.
 */
export function markdownText(
  stacks: ReadonlyMap<string, readonly ObjectChange[]>,
  limit = commentLimit,
): string {
  const summaries = new Map(
    [...stacks].map(([stack, changes]) => [stack, `**${summary(stack, changes)}**\n`]),
  );
  const all = [...stacks.values()].flat();
  const isChanged = ({ change }: ObjectChange) => change === "changed";
  // For a comment's marker, the last line, and the line breaks between summaries.
  const reserved = 200 + stacks.size;
  let room = limit - reserved - [...summaries.values()].join("").length;
  const sections = new Map<ObjectChange, string>();
  for (const change of [...all.filter(isChanged), ...all.filter((change) => !isChanged(change))]) {
    const text = section(change);
    if (text.length >= room) continue;
    room -= text.length + 1;
    sections.set(change, text);
  }
  const left = all.length - sections.size;
  return [
    ...[...stacks].flatMap(([stack, changes]) => [
      summaries.get(stack) ?? "",
      ...changes.flatMap((change) => sections.get(change) ?? []),
    ]),
    ...(left > 0 ? [`Sections that do not fit here: ${left}. Run \`npm run diff\` to see them.`] : []),
  ].join("\n");
}

function section({ object, change, fields }: ObjectChange): string {
  const lines = fields.flatMap(fieldLines);
  // A fence longer than any in the content cannot be closed by it.
  const longest = Math.max(2, ...[...lines.join("\n").matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const title = `<summary><code>${escaped(object)}</code> ${change}</summary>`;
  return ["<details>", title, "", `${fence}diff`, ...lines, fence, "", "</details>", ""].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
