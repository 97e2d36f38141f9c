import type { Command } from "commander";
import { errorMessage } from "../../cluster/terminal/error-message.ts";

type Action = (args: readonly string[], options: Readonly<Record<string, string>>) => Promise<void>;

/** A command that has only subcommands, which it lists on stdout for a word that is none of them. */
export function groupCommand(parent: Command, name: string, subcommands: string): Command {
  return parent
    .command(name)
    .allowExcessArguments()
    .action(() => {
      console.log(`please run with '${subcommands}'.`);
    });
}

/** A subcommand whose errors are a line on stderr, and no status. */
export function subcommand(parent: Command, name: string, usage: string, act: Action): Command {
  return parent
    .command(name)
    .usage(`${usage} [flags]`)
    .argument("[words...]")
    .action(async (words: string[], options: Readonly<Record<string, string>>) => {
      await act(words, options).catch((error: unknown) => {
        console.error(errorMessage(error));
      });
    });
}

/** @throws Error, with the `%s` that deepflow-ctl does not fill, where a positional argument is not there. */
export function required(argument: string | undefined, what: string, example: string): string {
  if (argument === undefined) throw new Error(`must specify ${what}.\nExample: %s deepflow-ctl ${example}`);
  return argument;
}

/**
 * Columns as wide as their widest cell and three spaces; the header is on stderr
 * (cli/ctl/common/table/table.go).
 */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3)).join("");
  console.error(line(header));
  for (const row of rows) console.log(line(row));
}
