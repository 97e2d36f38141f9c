import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RenderedFiles } from "../../render/files.ts";
import { renderStack } from "../../render/stack.ts";
import { writeFiles } from "../../render/write.ts";

/** The stacks whose renderings are kept: the project's own, and those in stacks/. */
export const goldenStacks: Readonly<Record<string, string>> = {
  dev: join(import.meta.dirname, "..", ".."),
  demo: join(import.meta.dirname, "..", ".."),
  prod: join(import.meta.dirname, "..", ".."),
  default: join(import.meta.dirname, "stacks"),
  gateway: join(import.meta.dirname, "stacks"),
  direct: join(import.meta.dirname, "stacks"),
  demos: join(import.meta.dirname, "stacks"),
  everything: join(import.meta.dirname, "stacks"),
  hosts: join(import.meta.dirname, "stacks"),
};

/** What the program renders for a stack now. */
export function rendered(stack: string): Promise<RenderedFiles> {
  return renderStack(goldenStacks[stack] ?? "", stack);
}

/** What was rendered when somebody last looked at it and ran `npm run goldens`. */
export function golden(stack: string): RenderedFiles {
  const folder = goldenFolder(stack);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** Where a stack's rendering is kept. */
export function goldenFolder(stack: string): string {
  return join(import.meta.dirname, "rendered", stack);
}

if (import.meta.main) {
  for (const stack of Object.keys(goldenStacks)) writeFiles(goldenFolder(stack), await rendered(stack));
  console.log("Updated test/goldens; read `git diff` before you commit it.");
}
