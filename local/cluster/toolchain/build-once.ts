import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withLock } from "./lock.ts";

/**
 * Makes sure that `dir` exists and is complete: `build` fills a temporary sibling, which is renamed at the
 * end, so a folder under the final name is never half built. Processes that start together build once; the
 * others wait, and `onWait` is told for whom. What an interrupted build left behind is removed by the next.
 */
export async function buildOnce(
  dir: string,
  build: (temporary: string) => Promise<void>,
  options: { onWait?: (pid: number) => void; signal?: AbortSignal } = {},
): Promise<"found" | "built"> {
  if (existsSync(dir)) return "found";
  return await withLock(dir, options, async () => {
    if (existsSync(dir)) return "found";
    await mkdir(dirname(dir), { recursive: true });
    await removeHalfBuilt(dir);
    const temporary = await mkdtemp(`${dir}${suffix}`);
    try {
      await build(temporary);
      options.signal?.throwIfAborted();
      // A temporary folder is its owner's alone; a build may serve every user of the checkout.
      await chmod(temporary, 0o755);
      await rename(temporary, dir);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
      throw error;
    }
    return "built";
  });
}

const suffix = ".building-";

/** Only called by the holder of the lock, so nobody is still writing there. */
async function removeHalfBuilt(dir: string): Promise<void> {
  for (const entry of await readdir(dirname(dir))) {
    if (entry.startsWith(basename(dir) + suffix)) {
      await rm(join(dirname(dir), entry), { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
