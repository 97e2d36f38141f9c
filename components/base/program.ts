#!/usr/bin/env node
/**
 * `npm run base -- may-go <stack>`: whether a base stack may be destroyed. `pulumi destroy` runs it before it
 * removes the Collectors.
 */
import { execFile } from "node:child_process";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { errorMessage } from "../error-message.ts";
import { dependentStacks, refusal } from "./dependent-stacks.ts";

/**
 * npm puts node_modules/.bin first, whose `pulumi` downloads a CLI where it has none; who destroys has one,
 * and may have it elsewhere.
 */
function pathWithShimsLast(path: string): string {
  const isShims = (folder: string) => folder.split("/").includes("node_modules");
  const folders = path.split(delimiter);
  return [...folders.filter((folder) => !isShims(folder)), ...folders.filter(isShims)].join(delimiter);
}

const base = process.argv[3] ?? "";
const dependents = dependentStacks(process.cwd(), base);

if (dependents.length > 0) {
  const listed = await promisify(execFile)("pulumi", ["stack", "ls", "--json", "--non-interactive"], {
    env: { ...process.env, PATH: pathWithShimsLast(process.env["PATH"] ?? "") },
  }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // Whoever destroys by other means than the CLI must be able to.
      console.error(
        `Whether ${dependents.join(" and ")} still ${dependents.length === 1 ? "needs" : "need"} the stack ${base} could not be asked: ${errorMessage(error)}`,
      );
      return "[]";
    },
  );
  const sentence = refusal(base, dependents, listed);
  if (sentence !== undefined) {
    console.error(sentence);
    process.exitCode = 1;
  }
}
