import { count } from "../../local/replay/count.ts";
import { serviceGraph } from "../../local/report/graph.ts";
import { htmlPage } from "../../local/report/html-page.ts";
import { html, type Markup } from "../../local/report/html.ts";
import { traceFigure } from "../../local/report/waterfall-figure.ts";
import type { Finding, StepResult } from "../finding.ts";
import { isRight } from "../ladder.ts";
import type { Verification } from "../verify.ts";
import { marks } from "./marks.ts";
import { traceReport } from "./trace-report.ts";

/** What was verified, and when. */
export interface PageContext {
  /** Name of the stack. */
  readonly stack: string;
  readonly generatedAt: Date;
  /** What has to be known of it besides, a sentence. */
  readonly note?: string;
}

/** The page that shows a verification: the ladder, and what DeepFlow returned of a trace each. */
export function verificationPage(
  { steps, traces }: Verification,
  { stack, generatedAt, note }: PageContext,
): string {
  return htmlPage({
    title: `what DeepFlow says of ${stack}`,
    about: `Stack ${stack}, asked`,
    generatedAt,
    content: [
      verdict(steps),
      note === undefined ? undefined : html`<p>${note}</p>`,
      ladder(steps),
      traces.map(traceSection),
    ],
  });
}

function verdict(steps: readonly StepResult[]): Markup {
  const failed = steps.filter(({ finding }) => finding.state === "failed");
  if (isRight(steps)) return html`<section class="verdict right"><h2>✓ Every step is right.</h2></section>`;
  return html`<section class="verdict wrong">
    <h2>✗ ${count(failed.length, "step")} failed</h2>
    <ul>
      ${failed.map(({ number, title }) => html`<li>${number}. ${title}</li>`)}
    </ul>
  </section>`;
}

function ladder(steps: readonly StepResult[]): Markup {
  return html`<section class="demo">
    <h2>Step by step, in the order in which things break</h2>
    <div class="scroll">
      <table>
        <caption>
          What each step found
        </caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Right?</th>
            <th scope="col">What it saw</th>
          </tr>
        </thead>
        <tbody>
          ${steps.map(stepRow)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function stepRow({ number, title, finding }: StepResult): Markup {
  const { symbol, word, colour } = marks[finding.state];
  return html`<tr>
    <th scope="row">${number}. ${title}</th>
    <td class="${colour}">${symbol} ${word}</td>
    <td>${finding.saw} ${advice(finding)}</td>
  </tr>`;
}

function advice(finding: Finding): Markup | undefined {
  if (finding.state !== "failed") return undefined;
  return html`<p><b>That means:</b> ${finding.means}</p>
    <p><b>What to do:</b> ${finding.fix}</p>`;
}

function traceSection({ demo, trace }: Verification["traces"][number]): Markup {
  const report = { ...traceReport(trace, demo), namespace: demo?.namespace ?? "", problems: [] };
  return html`<section class="demo">
    <h2>${demo?.title ?? "The stack"}: a trace as DeepFlow put it together</h2>
    <h3>Services and calls in it</h3>
    ${serviceGraph(report)} ${traceFigure(report)}
  </section>`;
}
