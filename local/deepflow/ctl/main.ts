/** deepflow-ctl's stand-in as a program: `node main.ts <arguments>`. Like deepflow-ctl it always exits with 0. */
import { agentGroupConfigCommand } from "./agent-group-config.ts";
import { agentGroupCommand } from "./agent-group.ts";
import { agentCommand } from "./agent.ts";
import { execute } from "./command.ts";
import { parseFlags } from "./flags.ts";
import { globalFlags } from "./global-flags.ts";
import { legacyAgentGroupConfigCommand } from "./legacy-agent-group-config.ts";
import { complaintOf, isNew, releaseOf, releaseVariable } from "./release.ts";

const release = releaseOf(process.env[releaseVariable]);
const flags = globalFlags(release);
const args = process.argv.slice(2);

const out = (text: string): void => {
  process.stdout.write(text);
};
const err = (text: string): void => {
  process.stderr.write(text);
};

err(complaintOf(release));

// Looked for before anything else, as far as the flags can be read without knowing the command.
if (parseFlags(args, flags).values.get("version") === "true") {
  const branch = { new: "main", "v7.1.8": "v7.1", old: "v6.6", "v6.5.9": "v6.5", "v6.4.9": "v6.4" }[release];
  const lines = ["CommitID: ", "RevCount: ", "Compiler: ", "CompileTime: "];
  out(`Name: deepflow-ctl community edition\nBranch: ${branch}\n${lines.join("stand-in\n")}stand-in\n`);
} else {
  const config = isNew(release) ? agentGroupConfigCommand : legacyAgentGroupConfigCommand;
  const commands = [agentCommand, agentGroupCommand(release), config(release)];
  const root = { name: "deepflow-ctl", short: "deepflow server tool", commands };
  await execute(root, flags, args, { out, err });
}
