/** `npm stop`: stops embedded clusters and removes their folders. */
import { existsSync, readdirSync } from "node:fs";
import { relative } from "node:path";
import { program } from "commander";
import { stateDir, stateRoot } from "./cluster/supervisor/state.ts";
import { stopCluster } from "./cluster/supervisor/stop-cluster.ts";
import { runCommandLine } from "./cluster/terminal/command-line.ts";
import { duration } from "./cluster/terminal/progress.ts";

async function stop(name: string): Promise<void> {
  const dir = stateDir(name);
  if (!existsSync(dir)) {
    console.log(`No embedded cluster named ${name} is running.`);
    return;
  }
  const begun = Date.now();
  const ran = await stopCluster(dir);
  const folder = relative(process.cwd(), dir);
  console.log(
    ran
      ? `Stopped the embedded cluster ${name} in ${duration(Date.now() - begun)} and removed ${folder}.`
      : `The embedded cluster ${name} had ended already; removed ${folder}, which it left behind.`,
  );
}

program
  .name("npm stop --")
  .description("Stops the embedded cluster and removes its folder, with everything in it.")
  .option("--name <name>", "which one", "dev")
  .option("--all", "every one of this repository")
  .action(async ({ name, all }: { name: string; all?: true }) => {
    const names = all === true ? (existsSync(stateRoot) ? readdirSync(stateRoot) : []) : [name];
    if (names.length === 0) console.log("No embedded cluster is running.");
    for (const each of names) await stop(each);
  });
await runCommandLine(() => program.parseAsync());
