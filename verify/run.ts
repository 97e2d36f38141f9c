import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { runSteps } from "../local/cluster/terminal/progress.ts";
import type { Finding } from "./finding.ts";
import type { LadderOptions } from "./ladder.ts";
import { verificationPage, type PageContext } from "./report/page.ts";
import type { Verification } from "./verify.ts";

/** Shows a step as every longer job of this project is shown; one that fails has a cross. */
export const showStep: LadderOptions["show"] = async (title, work) => {
  let finding: Finding | undefined;
  try {
    await runSteps([
      {
        title,
        run: async (report) => {
          finding = await work(report);
          if (finding.state === "failed") throw new StepFailed(finding.saw);
          return finding.state === "passed" ? "right" : "nothing to ask";
        },
      },
    ]);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  }
  if (finding === undefined) throw new Error(`${title} found nothing.`);
  return finding;
};

/** Marks a step as failed on the screen; what it found is told with the others. */
class StepFailed extends Error {}

/** Writes the page of a verification, with its folder. */
export function writePage(file: string, verification: Verification, context: PageContext): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, verificationPage(verification, context));
}
