import { readFileSync } from "node:fs";
import type { Call } from "./command.ts";
import { parseDuration } from "./flags.ts";
import { curl } from "./http.ts";
import type { Server } from "./http.ts";
import { printfWithoutOperands } from "./go-printf.ts";
import { marshalSorted } from "../go-yaml-marshal.ts";
import { table } from "./table.ts";

/** An object of the controller's answer. */
export type Item = Readonly<Record<string, unknown>>;

/** A row of `/v1/vtap-groups/`. */
export interface GroupItem {
  name: string;
  shortUuid: string;
  lcuuid: string;
}

/** The controller that the flags name. */
export function serverOf({ flag }: Call): Server {
  const timeout = parseDuration(flag("timeout"));
  const org = flag("org-id");
  return {
    ip: flag("ip"),
    port: flag("api-port"),
    timeout: typeof timeout === "number" ? timeout : 0,
    org: org === "" ? undefined : org,
  };
}

/** The `DATA` of the controller's answer. */
export async function dataOf(
  call: Call,
  method: string,
  path: string,
  sent?: { file?: Buffer; json?: object },
): Promise<unknown> {
  const answer = await curl(serverOf(call), method, path, sent);
  return (answer as { DATA?: unknown } | null)?.DATA;
}

/** As simplejson's MustArray: what is no list counts as an empty one. */
export function items(data: unknown): Item[] {
  return Array.isArray(data) ? (data as Item[]) : [];
}

/** As simplejson's MustString. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function groupItem(item: Item): GroupItem {
  return { name: text(item["NAME"]), shortUuid: text(item["SHORT_UUID"]), lcuuid: text(item["LCUUID"]) };
}

/** Runs what may throw, and prints what it throws where errors go, which is not a status of the process. */
export async function reporting(print: (text: string) => void, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Prints JSON data as YAML, through `Printf`. */
export function printYaml({ out }: Call, data: unknown): void {
  out(printfWithoutOperands(marshalSorted(data)));
}

/** The header goes to stderr, for `grep`. */
export function printTable({ out, err }: Call, header: readonly string[], rows: readonly string[][]): void {
  const lines = table(header, rows);
  err(lines.header);
  out(lines.rows);
}

/** Says that an argument is missing, with the `%s` that `Fprintln` does not fill. */
export function printMissing({ err, example }: Call, what: string): void {
  err(`must specify ${what}.\nExample: %s ${example}\n`);
}

const errnoTexts: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  ENXIO: "no such device or address",
};

/**
 * The bytes of a file; `-` is one of that name.
 *
 * @throws Error as Go's `os.ReadFile` words it.
 */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = "", syscall = "open" } = error as NodeJS.ErrnoException;
    throw new Error(`${syscall} ${path}: ${errnoTexts[code] ?? code}`, { cause: error });
  }
}
