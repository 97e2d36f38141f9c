import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Calls `send` at a steady pace until a file appears, and returns how often. */
export async function pace(
  { stopFile, perSecond }: { stopFile: string; perSecond: number },
  send: () => void,
): Promise<number> {
  const begun = performance.now();
  let sent = 0;
  while (!existsSync(stopFile)) {
    const due = ((performance.now() - begun) / 1000) * perSecond;
    for (; sent < due; sent += 1) send();
    await delay(20);
  }
  return sent;
}
