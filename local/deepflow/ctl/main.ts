/**
 * deepflow-ctl's stand-in as a program: `node main.ts <arguments>`. As strict as deepflow-ctl in what its
 * callers depend on: the exit status is 0 whatever happens, errors are on stderr, and a write that succeeds
 * says nothing.
 */
import { existsSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { agentGroupConfigCommand } from "./agent-group-config.ts";
import { agentGroupCommand } from "./agent-group.ts";
import type { Server } from "./controller-client.ts";
import { legacyAgentGroupConfigCommand } from "./legacy-agent-group-config.ts";

/**
 * `K8S_CA_CRT_PATH` of server/controller/common (const.go, read and missed in aes.go) of deepflowio/deepflow.
 */
const certificate = "/run/secrets/kubernetes.io/serviceaccount/ca.crt";

const isLegacy = process.env["DEEPFLOW_CTL_RELEASE"] === "v6.5.9";
if (isLegacy && !existsSync(certificate)) console.error(`open ${certificate}: no such file or directory`);

/** A Go duration of one unit such as `30s`, in milliseconds. */
function duration(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("It has no unit, such as 30s.");
  return Number(amount) * (unit === "ms" ? 1 : unit === "s" ? 1_000 : 60_000);
}

const program = new Command("deepflow-ctl")
  // Subcommands inherit this; what it throws ends nothing but the parsing.
  .exitOverride()
  .showHelpAfterError()
  .option("-i, --ip <string>", "deepflow-server service ip", "127.0.0.1")
  .option("--api-port <uint32>", "deepflow-server service node port", Number, 30417)
  .option("--timeout <duration>", "deepflow-ctl timeout", duration, 30_000);

const server = (): Server => program.opts<Server>();
const config = isLegacy ? legacyAgentGroupConfigCommand : agentGroupConfigCommand;
agentGroupCommand(program, server);
config(program, server);

await program.parseAsync().catch(() => undefined);
