import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { ClusterResult } from "./cluster/cluster.ts";
import type { Cost, CostResult } from "./cost.ts";
import { operations, type ProgramResult } from "./program.ts";
import { readResult, type Machine, type Measured } from "./results.ts";
import type { FaultResult } from "./soak/soak.ts";
import { spread, type Spread } from "./statistics.ts";
import type { TablesResult } from "./tables.ts";
import { bare, keepingConnections, ours, type Variant } from "./variants.ts";

/** What `npm run soak` measured, each fault once. */
interface FaultsResult {
  readonly version: string;
  readonly seconds: number;
  readonly results: readonly FaultResult[];
}

const page = join(import.meta.dirname, "..", "docs", "performance.md");

/** The text of docs/performance.md with its tables as the last results have them. */
export async function performancePage(): Promise<string> {
  const sections = {
    cost: costSection(readResult("cost") as Measured<CostResult>),
    faults: faultsSection(
      readResult("faults-memory") as Measured<FaultsResult>,
      readResult("faults-pod") as Measured<FaultsResult>,
    ),
    cluster: clusterSection(readResult("cluster") as Measured<ClusterResult>),
    program: programSection(readResult("program") as Measured<ProgramResult>),
    tables: tablesSection(readResult("tables") as Measured<TablesResult>),
  };
  let text = readFileSync(page, "utf8");
  for (const [name, section] of Object.entries(sections)) {
    const generated = new RegExp(`(<!-- BEGIN generated ${name}.*-->\n)[^]*(<!-- END generated ${name} -->)`);
    if (!generated.test(text)) {
      throw new Error(`docs/performance.md has no section "BEGIN generated ${name}"; put its comments back.`);
    }
    text = text.replace(generated, (_, begin: string, end: string) => `${begin}\n${section}\n\n${end}`);
  }
  return format(text, { ...(await resolveConfig(page)), filepath: page });
}

/** Writes docs/performance.md anew. */
export async function writePerformancePage(): Promise<void> {
  writeFileSync(page, await performancePage());
}

function costSection({ machine, version, rounds, seconds, costs }: Measured<CostResult>): string {
  const usual = costs.filter(({ load }) => load === undefined);
  const ofBare = usual.find(({ variant }) => variant === bare.name);
  const row = ({ variant, microseconds, toDocuments, bytes, rssMib }: Cost) => [
    variant,
    twoDigits(toDocuments),
    (microseconds.median / (ofBare?.microseconds.median ?? NaN)).toFixed(2),
    microseconds.median.toFixed(1),
    bytes.toFixed(0),
    rssMib.median.toFixed(0),
  ];
  const loads = [...new Set(costs.flatMap(({ load }) => load ?? []))];
  return [
    `Collector ${version}, ${rounds} turns of ${seconds} s each; ${machineText(machine)}. In brackets the least and the most of all turns.`,
    table(
      ["configuration", "CPU to the documents", "to bare", "µs/span", "bytes/span", "RSS, MiB"],
      usual.map(row),
    ),
    chart(
      "CPU time per span, to the documents' pipeline",
      usual.map(({ variant, toDocuments }) => [variant, toDocuments.median]),
    ),
    "Other loads, each to the documents' pipeline under the same load:",
    table(
      ["load", "bare", "ours", keepingConnections.name, "bytes/span, ours"],
      loads.map((load) => {
        const of = ({ name }: Variant) => costs.find((cost) => cost.load === load && cost.variant === name);
        const toDocuments = [bare, ours, keepingConnections].map(of).map((cost) => cost?.toDocuments);
        return [
          load,
          ...toDocuments.map((spread) => (spread ? twoDigits(spread) : "")),
          of(ours)?.bytes.toFixed(0) ?? "",
        ];
      }),
    ),
  ].join("\n\n");
}

function clusterSection(result: Measured<ClusterResult>): string {
  const { machine, version, rounds, lookups, watches } = result;
  const inMib = (bytes: number) => (bytes / 2 ** 20).toFixed(2);
  const thousands = (count: number) => count.toLocaleString("en");
  return [
    `Collector ${version}, ${rounds} rounds; ${machineText(machine)}. Medians, in brackets the least and the most.`,
    table(
      ["pods", "Collector", "RSS, MiB", "from the API server, MiB", "ready after, s"],
      lookups.map(({ pods, collector, rssMib, bytes, readySeconds }) => [
        thousands(pods),
        collector,
        digits(rssMib, 0),
        inMib(bytes.median),
        twoDigits(readySeconds),
      ]),
    ),
    `The API server without watches and with one of each node's pods; to open them takes ${watches.openingCpuSeconds.median.toFixed(1)} s of its CPU time.`,
    table(
      ["watches", "updates of pods/s", "CPU, % of a core", "RSS, MiB"],
      watches.costs.map(({ watches, updatesPerSecond, cpuPercent, rssMib }) => [
        thousands(watches),
        String(updatesPerSecond),
        digits(cpuPercent, 1),
        digits(rssMib, 0),
      ]),
    ),
  ].join("\n\n");
}

function programSection({ machine, rounds, seconds }: Measured<ProgramResult>): string {
  const cell = (values: readonly number[] | undefined) => {
    if (!values) return "";
    return digits(spread(values), 1);
  };
  return [
    `${rounds} rounds; ${machineText(machine)}. Seconds, medians:`,
    table(
      ["", "empty program", "as many small resources", "ours", "kubectl"],
      operations.map((operation) => [operation, ...Object.values(seconds).map((of) => cell(of[operation]))]),
    ),
  ].join("\n\n");
}

function tablesSection({ machine, rounds, tables }: Measured<TablesResult>): string {
  return [
    `${rounds} rounds; ${machineText(machine)}. Milliseconds for each service, medians:`,
    table(
      ["services", "resolve", "render"],
      tables.map(({ services, resolve, render }) => [
        String(services),
        twoDigits(resolve),
        digits(render, 1),
      ]),
    ),
  ].join("\n\n");
}

function faultsSection(memory: Measured<FaultsResult>, disk: Measured<FaultsResult>): string {
  const { machine, version, seconds } = disk;
  const cells = (result: FaultResult | undefined) =>
    result === undefined
      ? ["", "", "", ""]
      : [
          `${result.accepted} / ${result.lost}`,
          String(result.refused),
          String(result.duplicates),
          result.peakRssMib.toFixed(0),
        ];
  return [
    `Collector ${version}, faults of ${seconds} s; ${machineText(machine)}.`,
    table(
      [
        "fault",
        ...["memory", "disk"].flatMap((queue) => [
          `${queue}: accepted / lost`,
          "refused",
          "duplicates",
          "RSS at most, MiB",
        ]),
      ],
      disk.results.map((result) => [
        result.fault,
        ...cells(memory.results.find(({ fault }) => fault === result.fault)),
        ...cells(result),
      ]),
    ),
    `Of the accepted, ${droppedAfter500(disk)} with a queue on a disk and ${droppedAfter500(memory)} with one in memory were dropped because DeepFlow answered 500; they are not among the lost. ${endsText([...disk.results, ...memory.results])}`,
  ].join("\n\n");
}

function endsText(results: readonly FaultResult[]): string {
  const crashes = results.reduce((sum, result) => sum + result.crashes, 0);
  const oomKills = results.reduce((sum, result) => sum + result.oomKills, 0);
  if (crashes === 0) return "No Collector ended by itself.";
  return `Collectors ended by themselves ${crashes} times, ${oomKills} of them because their memory limit was reached.`;
}

function droppedAfter500({ results }: FaultsResult): number {
  return results.reduce((sum, result) => sum + result.droppedAfter500, 0);
}

function machineText({ cpu, cores, memoryGib, date }: Machine): string {
  return `${cores} cores (${cpu}), ${memoryGib} GiB, ${date}`;
}

function twoDigits(values: Spread): string {
  return digits(values, 2);
}

function digits({ median, min, max }: Spread, count: number): string {
  return `${median.toFixed(count)} (${min.toFixed(count)} to ${max.toFixed(count)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A bar for each, drawn by Mermaid where Markdown is shown. */
function chart(title: string, bars: readonly (readonly [string, number])[]): string {
  return [
    "```mermaid",
    "xychart-beta horizontal",
    `  title "${title}"`,
    `  x-axis [${bars.map(([name]) => `"${name}"`).join(", ")}]`,
    "  y-axis 0 --> 2",
    `  bar [${bars.map(([, value]) => value.toFixed(2)).join(", ")}]`,
    "```",
  ].join("\n");
}
