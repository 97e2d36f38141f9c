import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { testedIn, versionRows } from "../components/otel-agent/collector-version.ts";
import { imageReference } from "../components/image.ts";
import { diagram } from "../components/demo/diagram.ts";
import { portOf, rows, serviceNameOf } from "../components/demo/table.ts";
import { shapeOf } from "../components/schema/sentences.ts";
import { project, schema } from "../settings.ts";
import { stackFrom, type StackDemo } from "../stack.ts";

/** A setting as people read about it. */
interface Row {
  readonly key: string;
  readonly type: z.ZodType;
  readonly description: string;
}

/** The files that hold a generated section, each with how it is made. */
const generated: Readonly<Record<string, () => string>> = {
  "Pulumi.yaml": pulumiConfig,
  "README.md": settingsTable,
  "docs/topologies.md": versionsTable,
  "docs/demos.md": demosPage,
};

/** A file's text with its generated section as the program has it now; a test compares this with the file. */
export async function upToDate(file: string): Promise<string> {
  const make = generated[file];
  if (!make) throw new Error(`${file} has no generated section; use one of ${generatedFiles.join(", ")}.`);
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const [from, to] = ["BEGIN generated", "END generated"].map((marker) =>
    lines.findIndex((line) => line.includes(marker)),
  );
  if (from === undefined || to === undefined || from < 0 || to < from) {
    throw new Error(
      `${file} has no section between comments "BEGIN generated" and "END generated"; put them back.`,
    );
  }
  const text = [...lines.slice(0, from + 1), make(), ...lines.slice(to)].join("\n");
  return format(text, { ...(await resolveConfig(join(root, file))), filepath: file });
}

export const generatedFiles = Object.keys(generated);

const root = join(import.meta.dirname, "..");

/**
 * The `config:` entries of Pulumi.yaml. Every entry has a default, because the engine demands a value from each stack for one
 * that has none. It knows no nested keys: those are in the README, and checked by the program.
 */
function pulumiConfig(): string {
  const withDefault = Object.entries(shapeOf(schema) ?? {}).filter(
    ([, type]) => !(type instanceof z.ZodOptional),
  );
  const entries = withDefault.map(([key, type]) => {
    const group = shapeOf(type) !== undefined;
    return [
      key,
      {
        description: describe(type),
        type: group ? "object" : "string",
        default: group ? {} : defaultOf(type),
      },
    ];
  });
  return dump(Object.fromEntries(entries), { lineWidth: -1 }).trimEnd().replaceAll(/^/gm, "  ");
}

function settingsTable(): string {
  const rows = [...leaves(schema, [])].map(({ key, type, description }) => {
    const value = defaultOf(type);
    const shown = value === undefined ? "" : `\`${JSON.stringify(value)}\``;
    return `| \`${key}\` | ${shown} | ${description} |`;
  });
  return ["", "| Setting | Default | Meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** The Collector's versions: since when it is spoken to differently, why, and whether a test has shown it. */
function versionsTable(): string {
  const rows = versionRows.map((row) => {
    const tested = testedIn(row).map((version) => version.join("."));
    return `| ${row.since.join(".")} | ${row.source} | ${tested.length > 0 ? `runs in the tests: ${tested.join(", ")}` : "unproven"} |`;
  });
  return ["", "| Since | What changed | |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** The demos with their default settings: each its call graph, and what is in its table. */
function demosPage(): string {
  const { demos } = stackFrom({
    [`${project}:springBootWebShop`]: "{}",
    [`${project}:otelWebStore`]: "{}",
  });
  return (Object.values(demos) as StackDemo[])
    .flatMap(({ demo }) => [
      "",
      `## ${demo.title}`,
      "",
      "```mermaid",
      diagram(demo),
      "```",
      "",
      "| Service | Language | Spans as | Port | Memory | Image |",
      "| --- | --- | --- | --- | --- | --- |",
      ...rows(demo).map(({ name, service }) => {
        const port = portOf(service);
        const cells = [
          `\`${name}\``,
          service.language,
          service.sdk ? `\`${serviceNameOf({ name, service })}\`` : "none",
          port ? `${port.number} (${port.protocol})` : "none",
          `${service.memoryMib} MiB`,
          `\`${imageReference(service.image)}\``,
        ];
        return `| ${cells.join(" | ")} |`;
      }),
      "",
    ])
    .join("\n");
}

function* leaves(type: z.ZodType, path: readonly string[]): Generator<Row> {
  const shape = shapeOf(type);
  if (!shape) {
    yield { key: path.join("."), type, description: describe(type) };
    return;
  }
  for (const [key, inner] of Object.entries(shape)) yield* leaves(inner, [...path, key]);
}

function describe(type: z.ZodType): string {
  return type.meta()?.description ?? "";
}

function defaultOf(type: z.ZodType): unknown {
  return type instanceof z.ZodDefault || type instanceof z.ZodPrefault ? type.def.defaultValue : undefined;
}

if (import.meta.main) {
  for (const file of generatedFiles) writeFileSync(join(root, file), await upToDate(file));
  console.log(`${generatedFiles.join(", ")} say what the program says.`);
}
