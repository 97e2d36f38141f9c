import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { header, type RenderedFiles } from "./files.ts";

/**
 * Makes a folder hold these files. Files that an earlier rendering left there are removed if they are no
 * longer rendered.
 *
 * @throws Error, a sentence, if the folder has content that is not a rendering; nothing was changed then.
 */
export function writeFiles(folder: string, files: RenderedFiles): void {
  for (const stale of renderedBefore(folder).filter((path) => !files.has(path))) {
    rmSync(join(folder, stale));
    const parent = dirname(join(folder, stale));
    if (readdirSync(parent).length === 0) rmdirSync(parent);
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function renderedBefore(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const foreign = paths.filter((path) => !firstLine(join(folder, path)).includes(header.slice(2)));
  if (foreign.length > 0) {
    throw new Error(
      `${folder} holds files that no rendering wrote (${foreign.slice(0, 3).join(", ")}); choose an empty folder or a new one.`,
    );
  }
  return paths;
}

function firstLine(path: string): string {
  return readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
}
