import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { agentConfigFormats, type AgentConfigFormat } from "./agent-config-format.ts";
import type { Controller } from "./messages.ts";
import { absent, groupList, groupsOf, reachHint, type Group, type Transport } from "./transport.ts";

/**
 * What one run of the tool came to. Its exit status says nothing: it is 0 for every error (deepflow
 * `cli/ctl/cli.go`).
 */
interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the tool comes from; it must be of the server's own version (deepflow issue 9288). */
const howToGet =
  "install the deepflow-ctl of your server's own version as DeepFlow's installation guide says, name it in agentGroup.deepflowCtl, or set agentGroup.transport to http";

/**
 * What v6.5.6 to v6.5.9 print on stderr at every call outside a pod, where there is no such file and no need
 * of it (deepflow `server/controller/common/aes.go`).
 */
const missingCertificate =
  "open /run/secrets/kubernetes.io/serviceaccount/ca.crt: no such file or directory\n";

/**
 * DeepFlow's controller by way of its command-line tool. `program` is a path, or a name to look for on PATH.
 */
export function deepflowCtl(program: string, controller: Controller): Transport {
  const { host, port, timeoutSeconds } = controller;
  const options = ["-i", host, "--api-port", String(port), "--timeout", `${timeoutSeconds}s`];

  async function run(...args: string[]): Promise<Output> {
    return new Promise((resolve, reject) => {
      const settings = {
        env: { ...process.env, LC_ALL: "C" },
        // A little longer than the tool waits itself, for a tool that does not.
        timeout: (timeoutSeconds + 5) * 1000,
        maxBuffer: 16 * 1024 * 1024,
      };
      execFile(program, [...options, ...args], settings, (error, stdout, said) => {
        const lines = said.match(/.*\n|.+$/g) ?? [];
        const stderr = lines.filter((line) => line !== missingCertificate).join("");
        if (!error) resolve({ stdout, stderr });
        else if (error.code === "ENOENT") reject(new Error(`There is no ${program} here: ${howToGet}.`));
        else
          reject(
            new Error(
              `\`${program} ${args.join(" ")}\` ended with ${String(error.signal ?? error.code)}: ${firstLine(stderr)}`,
            ),
          );
      });
    });
  }

  /** For commands that print their answer, or nothing: anything on stderr is an error. */
  async function ask(...args: string[]): Promise<string> {
    const { stdout, stderr } = await run(...args);
    if (stderr.trim() !== "") throw failed(args, stderr);
    return stdout;
  }

  function failed(args: readonly string[], said: string): Error {
    const hint = /dial tcp|EOF|deadline|Timeout|connection re/.test(said) ? `; ${reachHint}` : "";
    return new Error(`\`${program} ${args.join(" ")}\` said: ${firstLine(said)}${hint}`);
  }

  let known: Promise<AgentConfigFormat> | undefined;
  function format(): Promise<AgentConfigFormat> {
    return (known ??= findGeneration());
  }

  async function findGeneration(): Promise<AgentConfigFormat> {
    const usage = await run("agent-group-config", "create", "--help");
    const tool = /create <agent-group ID> -f/.test(usage.stdout + usage.stderr) ? "new" : "old";
    const example = await ask("agent-group-config", "example");
    const server = /^inputs:/m.test(example)
      ? "new"
      : /^#?\s*external_agent_http_proxy_enabled/m.test(example)
        ? "old"
        : undefined;
    if (server === undefined) throw failed(["agent-group-config", "example"], example);
    if (server !== tool) {
      throw new Error(
        `${program} speaks to ${tool} servers, and the one at ${host}:${port} is ${server}: ${howToGet}.`,
      );
    }
    return agentConfigFormats[tool];
  }

  async function write(verb: "create" | "update", group: Group, text: string): Promise<void> {
    if (text.trim() === "")
      throw new Error("An empty configuration would be stored as null; this is an error of the program.");
    const folder = mkdtempSync(join(tmpdir(), "agent-group-config-"));
    try {
      const file = join(folder, "config.yaml");
      writeFileSync(file, text, { mode: 0o600 });
      const positional = verb === "create" && (await format()).name === "old" ? [] : [group.id];
      await succeed("agent-group-config", verb, ...positional, "-f", file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /**
   * For commands that print nothing when they succeed, but a warning about an old key's name (v6.5.2 to
   * v6.6.8).
   */
  async function succeed(...args: string[]): Promise<void> {
    const said = (await ask(...args)).replace(/^.*WARNING: use agent_group_id.*$/m, "").trim();
    if (said !== "") throw failed(args, said);
  }

  return {
    configFormat: format,
    async groups() {
      const args = ["agent-group", "list", "-o", "yaml"];
      const list = await ask(...args);
      const parsed = groupList.safeParse(yaml(list));
      if (!parsed.success) throw failed(args, list || "nothing");
      return groupsOf(parsed.data, controller);
    },
    async read(group) {
      const args = ["agent-group-config", "list", group.id, "-o", "yaml"];
      const { stdout, stderr } = await run(...args);
      if (stderr.trim() !== "") {
        const [line = "", another] = stderr.trim().split("\n");
        if (stdout === "" && absent.test(line) && another === undefined) return undefined;
        throw failed(args, stderr);
      }
      // The tool prints the text and one newline; without that the output was cut short.
      if (!stdout.endsWith("\n")) throw failed(args, "an answer that was cut short");
      return stdout.slice(0, -1);
    },
    create: (group, text) => write("create", group, text),
    update: (group, text) => write("update", group, text),
    remove: (group) => succeed("agent-group-config", "delete", group.id),
  };
}

function yaml(text: string): unknown {
  try {
    return loadAll(text)[0];
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n", 1);
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
