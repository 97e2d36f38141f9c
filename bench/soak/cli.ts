import Table from "cli-table3";
import { Option, program } from "commander";
import { defaultVersion } from "../../components/otel-agent/collector-version.ts";
import type { QueueStorage } from "../../components/otel-agent/queue.ts";
import { runCommandLine, wholeNumber } from "../../local/cluster/terminal/command-line.ts";
import { ensureToolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { writePerformancePage } from "../performance-page.ts";
import { writeResult } from "../results.ts";
import { faults } from "./faults.ts";
import { soak, type FaultResult } from "./soak.ts";

interface Options {
  readonly minutes?: number;
  readonly storage: Exclude<QueueStorage, "node">;
  readonly seconds: number;
  readonly version: string;
}

program
  .name("npm run soak --")
  .description(
    "Breaks DeepFlow and the Collector in every known way, at random, under load, and says what became of every span. Exit status 1 if one that the Collector had accepted was lost with a queue on a disk.",
  )
  .option("--minutes <minutes>", "how long, at random (default: each fault once)", wholeNumber("minutes", 1))
  .addOption(
    new Option("--storage <storage>", "otelAgent.queue.storage").choices(["memory", "pod"]).default("pod"),
  )
  .option("--seconds <seconds>", "how long each fault lasts", wholeNumber("seconds", 1), 15)
  .option("--version <version>", "version of the Collector", defaultVersion)
  .action(async ({ minutes, storage, seconds, version }: Options) => {
    await ensureToolchain();
    const results: FaultResult[] = [];
    const end = new AbortController();
    process.once("SIGINT", () => {
      console.error("Ending after this fault.");
      end.abort();
    });
    const names = minutes === undefined ? Object.keys(faults) : atRandom(minutes);
    const onResult = (result: FaultResult) => {
      results.push(result);
      console.error(sentence(result));
    };
    const onUnenforced = (reason: string) => {
      console.error(reason);
    };
    await soak({ version, storage, faults: names, seconds, onResult, onUnenforced, signal: end.signal });
    console.log(tableOf(results));
    if (minutes === undefined) {
      writeResult(`faults-${storage}`, { version, seconds, results });
      await writePerformancePage();
    }
    if (storage === "pod" && results.some(({ lost }) => lost > 0)) process.exitCode = 1;
  });

function* atRandom(minutes: number): Generator<string> {
  const names = Object.keys(faults);
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) yield names[Math.floor(Math.random() * names.length)] ?? "";
}

function sentence({ fault, accepted, lost, duplicates, refused }: FaultResult): string {
  return `${fault}: ${accepted} accepted, ${lost} lost, ${duplicates} duplicates, ${refused} refused`;
}

function tableOf(results: readonly FaultResult[]): string {
  const table = new Table({
    head: [
      "fault",
      "accepted",
      "lost",
      "dropped after 500",
      "duplicates",
      "refused",
      "caught up, s",
      "RSS, MiB",
      "ended by itself",
      "by the OOM killer",
    ],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    table.push([
      result.fault,
      result.accepted,
      result.lost,
      result.droppedAfter500,
      result.duplicates,
      result.refused,
      result.caughtUpSeconds?.toFixed(1) ?? "never",
      result.peakRssMib.toFixed(0),
      result.crashes,
      result.oomKills,
    ]);
  }
  return table.toString();
}

await runCommandLine(() => program.parseAsync());
