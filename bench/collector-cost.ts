import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { program } from "commander";
import { defaultVersion } from "../components/otel-agent/collector-version.ts";
import { runCommandLine } from "../local/cluster/terminal/command-line.ts";
import { ensureToolchain } from "../local/cluster/toolchain/toolchain.ts";
import { startLoneCollector } from "../test/e2e/lone-collector.ts";
import { body, spansPerRequest } from "./bodies.ts";
import { startSink } from "./sink.ts";
import { variants, type Variant } from "./variants.ts";

/** What one turn of one variant took. */
interface Measure {
  /** CPU time of the Collector per span that arrived, in microseconds. */
  readonly microseconds: number;
  readonly bytes: number;
  readonly rssMib: number;
}

const connections = 8;

/** Different requests, one after the other. */
const bodies = 50;

/** A Collector that runs from the first turn to the last. */
interface Running {
  readonly turn: (rate: number, seconds: number) => Promise<Measure>;
  readonly stop: () => Promise<void>;
}

async function start(variant: Variant, version: string): Promise<Running> {
  const sink = await startSink();
  const collector = await startLoneCollector({
    version,
    agentPort: sink.port,
    change: variant.change,
    env: variant.env,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const prepared = Array.from({ length: bodies }, () => body(variant.language ?? "java"));
  return {
    turn: async (rate, seconds) => {
      const before = { ...sink.received, cpu: cpuSeconds(collector.pid) };
      const spans = await send(collector.url, agent, prepared, rate, seconds);
      while (sink.received.spans < before.spans + spans) await sleep(20);
      return {
        microseconds: ((cpuSeconds(collector.pid) - before.cpu) * 1e6) / spans,
        bytes: (sink.received.bytes - before.bytes) / spans,
        rssMib: rssMib(collector.pid),
      };
    },
    stop: async () => {
      agent.destroy();
      await collector.stop();
      sink.close();
    },
  };
}

/** Sends at that rate, and says how many spans that were. */
async function send(
  url: string,
  agent: Agent,
  bodies: readonly Uint8Array[],
  rate: number,
  seconds: number,
): Promise<number> {
  const start = performance.now();
  const total = (rate * seconds) / spansPerRequest;
  const answers: Promise<void>[] = [];
  while (answers.length < total) {
    const due = Math.min(total, ((performance.now() - start) * rate) / spansPerRequest / 1000);
    while (answers.length < due) {
      answers.push(post(url, agent, bodies[answers.length % bodies.length] ?? new Uint8Array()));
    }
    await sleep(5);
  }
  await Promise.all(answers);
  return answers.length * spansPerRequest;
}

function post(url: string, agent: Agent, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
    request(url, { method: "POST", agent, headers }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`The Collector answered ${String(response.statusCode)}.`));
      });
    })
      .on("error", reject)
      .end(body);
  });
}

/** utime and stime of a process. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function rssMib(pid: number): number {
  const [, kib = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

interface Options {
  readonly version: string;
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly config: readonly string[];
}

program
  .name("node bench/collector-cost.ts")
  .description(
    "CPU that a span costs in the Collector, side by side: all run at once and take turns, medians of the turns. CPU time, not wall time, so that a busy machine disturbs little.",
  )
  .option("--version <version>", "version of the Collector", defaultVersion)
  .option("--rate <spans>", "spans per second", Number, 20_000)
  .option("--seconds <seconds>", "of each turn", Number, 2)
  .option("--rounds <rounds>", "turns of each variant", Number, 9)
  .option(
    "--config <file...>",
    "rendered configurations to compare as well, AGENT_PORT in place of the port",
    [],
  )
  .action(async (options: Options) => {
    await ensureToolchain();
    const files = options.config.map((file): Variant => ({ name: file, change: fromFile(file) }));
    const all = [...variants, ...files];
    const running: Running[] = [];
    for (const variant of all) running.push(await start(variant, options.version));
    const measures = all.map((): Measure[] => []);
    // The first turn warms up.
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const [index, { turn }] of running.entries()) {
        const measure = await turn(options.rate, options.seconds);
        if (round > 0) measures[index]?.push(measure);
      }
    }
    await Promise.all(running.map(({ stop }) => stop()));
    const medianOf = (index: number, key: keyof Measure) =>
      median(measures[index]?.map((measure) => measure[key]) ?? []);
    const reference = medianOf(
      all.findIndex(({ name }) => name === "the documents' pipeline, gzip"),
      "microseconds",
    );
    const table = new Table({
      head: ["variant", "µs/span", "to the documents", "bytes/span", "RSS MiB", "all rounds"],
    });
    for (const [index, { name }] of all.entries()) {
      const microseconds = medianOf(index, "microseconds");
      table.push([
        name,
        microseconds.toFixed(2),
        (microseconds / reference).toFixed(2),
        medianOf(index, "bytes").toFixed(0),
        medianOf(index, "rssMib").toFixed(0),
        measures[index]?.map((measure) => measure.microseconds.toFixed(2)).join(" ") ?? "",
      ]);
    }
    console.log(table.toString());
  });

function fromFile(file: string): Variant["change"] {
  return (ours) => {
    const [, port = ""] = /traces_endpoint: http:\/\/127\.0\.0\.1:(\d+)/.exec(ours) ?? [];
    return readFileSync(file, "utf8").replaceAll("AGENT_PORT", port);
  };
}

await runCommandLine(() => program.parseAsync());
