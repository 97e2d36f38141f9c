import { readdirSync } from "node:fs";

/** The stacks that have a `Pulumi.<stack>.yaml` in a folder, in alphabetical order. */
export function stacksIn(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}
