import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { program } from "commander";
import { defaultVersion } from "../components/otel-agent/collector-version.ts";
import { runCommandLine } from "../local/terminal/command-line.ts";
import { ensureToolchain } from "../local/toolchain/toolchain.ts";
import { startLoneCollector } from "../test/e2e/lone-collector.ts";
import { body, spansPerRequest } from "./bodies.ts";
import { startSink } from "./sink.ts";
import { variants, type Variant } from "./variants.ts";

/** What one run of one variant took. */
interface Measure {
  /** CPU time of the Collector per span that arrived, in microseconds. */
  readonly microseconds: number;
  readonly bytes: number;
  readonly rssMib: number;
}

const connections = 8;

async function measure(variant: Variant, options: Options): Promise<Measure> {
  const { version, rate, seconds } = options;
  const sink = await startSink();
  const collector = await startLoneCollector({ version, agentPort: sink.port, change: variant.change });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const prepared = body(variant.language ?? "java");
  try {
    await send(collector.url, agent, prepared, rate, 2);
    await arrival(sink.received, (2 * rate) / spansPerRequest);
    const before = { ...sink.received, cpu: cpuSeconds(collector.pid) };
    await send(collector.url, agent, prepared, rate, seconds);
    await arrival(sink.received, ((2 + seconds) * rate) / spansPerRequest);
    const spans = sink.received.spans - before.spans;
    return {
      microseconds: ((cpuSeconds(collector.pid) - before.cpu) * 1e6) / spans,
      bytes: (sink.received.bytes - before.bytes) / spans,
      rssMib: rssMib(collector.pid),
    };
  } finally {
    agent.destroy();
    await collector.stop();
    sink.close();
  }
}

/** Sends the body `rate / spansPerRequest` times a second. */
async function send(
  url: string,
  agent: Agent,
  body: Uint8Array,
  rate: number,
  seconds: number,
): Promise<void> {
  const start = performance.now();
  const total = (rate * seconds) / spansPerRequest;
  let sent = 0;
  const answers: Promise<void>[] = [];
  while (sent < total) {
    const due = Math.min(total, ((performance.now() - start) * rate) / spansPerRequest / 1000);
    for (; sent < due; sent += 1) answers.push(post(url, agent, body));
    await sleep(5);
  }
  await Promise.all(answers);
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

async function arrival(received: { readonly spans: number }, requests: number): Promise<void> {
  while (received.spans < requests * spansPerRequest) await sleep(50);
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
    "CPU that a span costs in the Collector, side by side: variants alternate, medians of the rounds. CPU time, not wall time, so that a busy machine disturbs little.",
  )
  .option("--version <version>", "version of the Collector", defaultVersion)
  .option("--rate <spans>", "spans per second", Number, 20_000)
  .option("--seconds <seconds>", "of each run", Number, 10)
  .option("--rounds <rounds>", "runs of each variant", Number, 3)
  .option(
    "--config <file...>",
    "rendered configurations to compare as well, AGENT_PORT in place of the port",
    [],
  )
  .action(async (options: Options) => {
    await ensureToolchain();
    const files = options.config.map((file): Variant => ({ name: file, change: fromFile(file) }));
    const all = [...variants, ...files];
    const measures = all.map((): Measure[] => []);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [index, variant] of all.entries()) measures[index]?.push(await measure(variant, options));
    }
    const median_of = (index: number, key: keyof Measure) =>
      median(measures[index]?.map((measure) => measure[key]) ?? []);
    const reference = median_of(
      all.findIndex(({ name }) => name === "the documents' pipeline, gzip"),
      "microseconds",
    );
    const table = new Table({
      head: ["variant", "µs/span", "to the documents", "bytes/span", "RSS MiB", "all rounds"],
    });
    for (const [index, { name }] of all.entries()) {
      const microseconds = median_of(index, "microseconds");
      table.push([
        name,
        microseconds.toFixed(2),
        (microseconds / reference).toFixed(2),
        median_of(index, "bytes").toFixed(0),
        median_of(index, "rssMib").toFixed(0),
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
