import { describe } from "vitest";
import { missingEngine } from "../../local/engine.ts";
import { describeCluster } from "../cluster/harness.ts";

const missing = missingEngine();
/** A `describe` whose tests run the Pulumi CLI; where there is none they are skipped, with the reason. */
export const describeEngine =
  missing === undefined
    ? describeCluster
    : (name: string, define: () => void) => {
        console.warn(`The engine's tests are skipped. ${missing}`);
        describe.skip(`${name} (skipped: ${missing})`, define);
      };
