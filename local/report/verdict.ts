import type { DemoReport } from "./demo-report.ts";

/** What is wrong with a demo, in sentences. One of which nothing arrived is never right. */
export function problemsOf({ problems, trace }: DemoReport): readonly string[] {
  return trace.length > 0 ? problems : [...problems, "No span arrived that a trace could be drawn from."];
}
