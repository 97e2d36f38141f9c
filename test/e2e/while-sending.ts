import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Runs `work` while `send` does, which ends when its file appears, and returns what that returns.
 *
 * @param startMs milliseconds until every sender sends: what happens before proves less.
 */
export async function whileSending<Sent>(
  send: (stopFile: string) => Promise<Sent>,
  work: () => Promise<unknown>,
  startMs: number,
): Promise<Sent> {
  const folder = mkdtempSync(join(tmpdir(), "under-load-"));
  const stopFile = join(folder, "stop");
  try {
    const sent = send(stopFile);
    // Where `work` fails, its error is the one to be told.
    sent.catch(() => undefined);
    await delay(startMs);
    await work().finally(() => {
      writeFileSync(stopFile, "");
    });
    return await sent;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
