/**
 * `npm run kubectl -- …`: kubectl for the embedded cluster. Every argument is kubectl's own, so another
 * cluster than `dev` is named by the environment variable CLUSTER.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { attachCluster } from "./cluster/cluster.ts";
import { kubectlEnv } from "./cluster/control-plane/kubectl-run.ts";
import { runCommandLine } from "./cluster/terminal/command-line.ts";

await runCommandLine(async () => {
  const name = process.env["CLUSTER"] ?? "dev";
  const cluster = attachCluster(name);
  if (cluster === undefined) {
    throw new Error(`No embedded cluster named ${name} is running: start one with \`npm start\`.`);
  }
  // Ctrl-C reaches kubectl as well, and how it ends is how this ends.
  process.on("SIGINT", () => undefined);
  const child = spawn(cluster.kubectlProgram, process.argv.slice(2), {
    env: { ...process.env, ...kubectlEnv(cluster.dir, cluster.kubeconfig) },
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 130;
});
