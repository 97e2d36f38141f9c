import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { diagram } from "../components/demo/diagram.ts";
import { portOf, rows, serviceNameOf } from "../components/demo/table.ts";
import { imageReference } from "../components/image.ts";
import { testedIn, versionRows } from "../components/otel-agent/collector-version.ts";
import { alerts } from "../components/otel-agent/monitoring/alerts.ts";
import { languages, type LanguageName } from "../components/sdk/languages.ts";
import { project } from "../settings.ts";
import { demosOf, stackFrom } from "../stack.ts";
import { connectText, languageTable, networkPolicyText } from "./connect.ts";
import { pulumiConfig, settingsSections } from "./settings-docs.ts";
import { stackSchema } from "./settings-schema.ts";

/** The files that hold a generated section, each with how it is made. */
const sections: Readonly<Record<string, () => string>> = {
  "Pulumi.yaml": pulumiConfig,
  "docs/settings.md": settingsSections,
  "docs/topologies.md": versionsTable,
  "docs/demos.md": demosPage,
  "docs/applications.md": applicationsPage,
  "docs/scaling.md": alertsTable,
};

/** The files that are generated as a whole. */
const wholeFiles: Readonly<Record<string, () => string>> = {
  "stack.schema.json": () => JSON.stringify(stackSchema()),
};

export const generatedFiles = [...Object.keys(sections), ...Object.keys(wholeFiles)];

/**
 * A file's text with what is generated in it as the program has it now; a test compares this with the file.
 */
export async function upToDate(file: string): Promise<string> {
  const text = wholeFiles[file]?.() ?? withSection(file);
  return format(text, { ...(await resolveConfig(join(root, file))), filepath: file });
}

function withSection(file: string): string {
  const make = sections[file];
  if (!make) throw new Error(`${file} has nothing generated; use one of ${generatedFiles.join(", ")}.`);
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const [from, to] = ["BEGIN generated", "END generated"].map((marker) =>
    lines.findIndex((line) => line.includes(marker)),
  );
  if (from === undefined || to === undefined || from < 0 || to < from) {
    throw new Error(
      `${file} has no section between comments "BEGIN generated" and "END generated"; put them back.`,
    );
  }
  return [...lines.slice(0, from + 1), make(), ...lines.slice(to)].join("\n");
}

const root = join(import.meta.dirname, "..");

/** The Collector's versions: since when it is spoken to differently, why, and whether a test has shown it. */
function versionsTable(): string {
  const rows = versionRows.map((row) => {
    const tested = testedIn(row).map((version) => version.join("."));
    return `| ${row.since.join(".")} | ${row.source} | ${tested.length > 0 ? `runs in the tests: ${tested.join(", ")}` : "unproven"} |`;
  });
  return ["", "| Since | What changed | |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** The Collectors' alerts: what is wrong, and what to do. */
function alertsTable(): string {
  const rows = alerts.map(
    ({ name, severity, summary, description }) => `| \`${name}\` | ${severity} | ${summary} ${description} |`,
  );
  return [
    "",
    "| Alert | Severity | What is wrong, and what to do |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** The demos with their default settings: each its call graph, and what is in its table. */
function demosPage(): string {
  const stack = stackFrom({
    [`${project}:springBootWebShop`]: "{}",
    [`${project}:otelWebStore`]: "{}",
  });
  return demosOf(stack)
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

/** The lines that applications of every language need, with Collectors and without. */
function applicationsPage(): string {
  const destination = (settings: Readonly<Record<string, string>>) => stackFrom(settings).applications;
  const direct = { [`${project}:topology`]: "direct" };
  const collectors = destination({});
  const deepFlow = destination(direct);
  const ownNode = destination({ ...direct, [`${project}:otelAgent`]: '{"destination":{"type":"node"}}' });
  const names = Object.keys(languages) as LanguageName[];
  const yaml = (text: string) => ["```yaml", text.trimEnd(), "```", ""];
  return [
    "",
    ...languageTable({ "`agent`, `gateway`": collectors, "`direct`": deepFlow }),
    "",
    "## With Collectors: topology `agent` or `gateway`",
    "",
    ...names.flatMap((name) => [`### ${languages[name].title}`, "", ...yaml(connectText(name, collectors))]),
    "## Without: topology `direct`",
    "",
    "Spans go to deepflow-agents themselves, which take OTLP/HTTP with protobuf at a path of their own.",
    "",
    ...names.flatMap((name) => [
      `### ${languages[name].title}, directly`,
      "",
      ...yaml(connectText(name, deepFlow)),
    ]),
    "### The own node's deepflow-agent",
    "",
    "Where `otelAgent.destination.type` is `node`, the host is the pod's own node. Kubernetes puts it into every container, by a variable that comes before those that use it; for Java:",
    "",
    ...yaml(connectText("java", ownNode)),
    "## A namespace that restricts egress",
    "",
    "Names have to be resolved, and the pods of the Collectors reached (a policy sees their ports, not the Service's):",
    "",
    ...yaml(networkPolicyText(collectors)),
    "Without Collectors it is the port of the deepflow-agents, at any address:",
    "",
    ...yaml(networkPolicyText(deepFlow)),
  ].join("\n");
}

if (import.meta.main) {
  for (const file of generatedFiles) writeFileSync(join(root, file), await upToDate(file));
  console.log(`${generatedFiles.join(", ")} say what the program says.`);
}
