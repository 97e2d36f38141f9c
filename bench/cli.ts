import { Option, program } from "commander";
import { defaultVersion } from "../components/otel-agent/collector-version.ts";
import { runCommandLine, wholeNumber } from "../local/cluster/terminal/command-line.ts";
import { ensureToolchain } from "../local/cluster/toolchain/toolchain.ts";
import { measureCluster } from "./cluster/cluster.ts";
import { measureCost } from "./cost.ts";
import { writePerformancePage } from "./performance-page.ts";
import { measureProgram } from "./program.ts";
import { writeResult } from "./results.ts";
import { measureTables } from "./tables.ts";

interface Options {
  readonly only?: "cost" | "cluster" | "program";
  readonly version: string;
  readonly rounds?: number;
  readonly seconds: number;
}

program
  .name("npm run bench --")
  .description(
    "Measures side by side and in turns, writes the figures to bench/results and docs/performance.md from them. Wants a quiet machine; cost takes some 8 minutes, cluster 8, program 9.",
  )
  .addOption(new Option("--only <part>", "one of them").choices(["cost", "cluster", "program"]))
  .option("--version <version>", "version of the Collector", defaultVersion)
  .option(
    "--rounds <rounds>",
    "turns of each that is compared (default: 5 of cost and of demos of different sizes, 3 of the rest)",
    wholeNumber("rounds", 1),
  )
  .option("--seconds <seconds>", "of load in each turn of cost", wholeNumber("seconds", 1), 2)
  .action(async ({ only, version, rounds, seconds }: Options) => {
    const wanted = (part: Options["only"]) => only === undefined || only === part;
    if (wanted("cost")) {
      await ensureToolchain();
      writeResult("cost", await measureCost({ version, rounds: rounds ?? 5, seconds, onProgress }));
    }
    if (wanted("cluster")) {
      writeResult("cluster", await measureCluster({ version, rounds: rounds ?? 3, onProgress }));
    }
    if (wanted("program")) {
      writeResult("tables", await measureTables(rounds ?? 5, onProgress));
      writeResult("program", await measureProgram(rounds ?? 3, onProgress));
    }
    await writePerformancePage();
    onProgress("written: bench/results, docs/performance.md\n");
  });

/** One line that is written over on a terminal, and a line each elsewhere. */
function onProgress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}

await runCommandLine(() => program.parseAsync());
