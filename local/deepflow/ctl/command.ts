import { parseFlags } from "./flags.ts";
import type { Flag } from "./flags.ts";

/** A command as cobra, the library of deepflow-ctl, knows it. */
export interface Command {
  name: string;
  /** What stands in the usage line, the name first; by default the name. */
  use?: string;
  short: string;
  example?: string;
  flags?: readonly Flag[];
  /** Flags that have to be given. */
  required?: readonly string[];
  commands?: readonly Command[];
  run?: (call: Call) => void | Promise<void>;
}

/** What a command is run with. */
export interface Call {
  args: readonly string[];
  /** A flag's value, or its default. */
  flag: (name: string) => string;
  example: string;
  out: (text: string) => void;
  err: (text: string) => void;
}

export interface Streams {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Runs what the arguments ask for. As with deepflow-ctl, nothing that goes wrong is a status of the process. */
export async function execute(
  root: Command,
  globalFlags: readonly Flag[],
  args: readonly string[],
  { out, err }: Streams,
): Promise<void> {
  const path = [root];
  const values = new Map<string, string>();
  let left = [...args];
  for (;;) {
    const command = path.at(-1) ?? root;
    const position = firstNonFlag(left, flagsOf(command, globalFlags));
    const next = command.commands?.find(({ name }) => name === left[position]);
    if (next === undefined) break;
    const before = parseFlags(left.slice(0, position), flagsOf(command, globalFlags));
    if (before.error !== undefined) {
      err(`Error: ${before.error}\nRun '${root.name} --help' for usage.\n`);
      return;
    }
    for (const [name, value] of before.values) values.set(name, value);
    left = left.slice(position + 1);
    path.push(next);
  }

  const command = path.at(-1) ?? root;
  const flags = flagsOf(command, globalFlags);
  const { values: given, rest, error, help } = parseFlags(left, flags);
  for (const [name, value] of given) values.set(name, value);
  const missing = (command.required ?? []).filter((name) => !values.has(name));
  const fault =
    error ??
    (missing.length > 0
      ? `required flag(s) ${missing.map((name) => `"${name}"`).join(", ")} not set`
      : undefined);
  if (error === undefined && (help === true || command.run === undefined)) {
    out(`${command.short}\n\n${usageOf(path, globalFlags)}`);
  } else if (fault !== undefined) {
    err(`Error: ${fault}\n${usageOf(path, globalFlags)}\n`);
  } else {
    const flag = (name: string): string =>
      values.get(name) ?? flags.find((flag) => flag.name === name)?.default ?? "";
    await command.run?.({ args: rest, flag, example: command.example ?? "", out, err });
  }
}

function flagsOf({ flags = [] }: Command, globalFlags: readonly Flag[]): Flag[] {
  return [...flags, ...globalFlags];
}

/** Where the first argument stands that is neither a flag nor the value of one; behind the end if there is none. */
function firstNonFlag(args: readonly string[], flags: readonly Flag[]): number {
  let isValue = false;
  const position = args.findIndex((argument) => {
    if (isValue) {
      isValue = false;
      return false;
    }
    if (!argument.startsWith("-") || argument === "-") return true;
    const flag = flags.find(
      ({ name, shorthand }) => argument === `--${name}` || argument === `-${shorthand ?? ""}`,
    );
    const isHelp = argument === "--help" || argument === "-h";
    const isWhole = argument.includes("=") || (!argument.startsWith("--") && argument.length > 2);
    isValue = !isWhole && !isHelp && flag?.type !== "bool";
    return false;
  });
  return position === -1 ? args.length : position;
}

/** The usage that cobra prints, with help and after errors. */
function usageOf(path: readonly Command[], globalFlags: readonly Flag[]): string {
  const command = path.at(-1);
  if (command === undefined) return "";
  const { name, use = name, commands = [], example, flags = [] } = command;
  const parents = path.slice(0, -1).map(({ name }) => name);
  const isRoot = parents.length === 0;
  const help: Flag = { name: "help", shorthand: "h", type: "bool", usage: `help for ${name}` };
  const lines = ["Usage:"];
  if (command.run !== undefined) lines.push(`  ${[...parents, use].join(" ")} [flags]`);
  if (commands.length > 0) lines.push(`  ${[...parents, name].join(" ")} [command]`);
  if (example !== undefined) lines.push("", "Examples:", example);
  if (commands.length > 0) {
    lines.push("", "Available Commands:");
    const width = Math.max(11, ...commands.map(({ name }) => name.length));
    for (const { name, short } of commands.toSorted(byName)) lines.push(`  ${name.padEnd(width)} ${short}`);
  }
  lines.push("", "Flags:", ...flagLines([...flags, help, ...(isRoot ? globalFlags : [])]));
  if (!isRoot) lines.push("", "Global Flags:", ...flagLines(globalFlags));
  if (commands.length > 0) {
    const which = [...parents, name].join(" ");
    lines.push("", `Use "${which} [command] --help" for more information about a command.`);
  }
  return `${lines.join("\n")}\n`;
}

function flagLines(flags: readonly Flag[]): string[] {
  const rows = flags.toSorted(byName).map(({ name, shorthand, type, usage, default: initial }) => {
    const names = `${shorthand === undefined ? "    " : ` -${shorthand},`} --${name}`;
    const value = type === "string" ? JSON.stringify(initial) : initial;
    return {
      left: ` ${names}${type === "bool" ? "" : ` ${type}`}`,
      right: `${usage}${initial === undefined ? "" : ` (default ${value ?? ""})`}`,
    };
  });
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, right }) => `${left.padEnd(width)}   ${right}`);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
