/**
 * What reached DeepFlow, as one HTML file that needs nothing else: no other file, no network, and to be read
 * not even its script, which only adds what a pointer shows.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ComparedService } from "../replay/compared-services.ts";
import { count } from "../replay/count.ts";
import type { ReportContext, DemoReport } from "./demo-report.ts";
import { dateAndTime } from "./format.ts";
import { serviceGraph } from "./graph.ts";
import { html, trusted, type Markup } from "./html.ts";
import { servicesTable } from "./services-table.ts";
import { problemsOf } from "./verdict.ts";
import { traceFigure } from "./waterfall-figure.ts";

const style = ["page.css", "table.css", "graph.css", "waterfall.css"].map(browserFile).join("\n");
const script = browserFile("page.js");

// Not in the template, whose layout is free to change: the policy's hash is of every character between the
// tags.
const scriptElement = trusted(`<script>${script}</script>`);

// Even if something slipped through the escaping, a browser would neither run nor load it.
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
].join("; ");

/** The page that shows these demos. */
export function page(demos: readonly DemoReport[], context: ReportContext): string {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>deepflow-otel: what reached DeepFlow</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>deepflow-otel: what reached DeepFlow</h1>
          <p class="quiet">
            Stack ${context.stack}, ${context.collectors},
            <time datetime="${context.generatedAt.toISOString()}">${dateAndTime(context.generatedAt)}</time>
          </p>
        </header>
        <main>${verdict(demos)} ${demos.map(demo)}</main>
        ${scriptElement}
      </body>
    </html>`;
  return `${text}\n`;
}

function verdict(demos: readonly DemoReport[]): Markup {
  const problems = demos.flatMap((demoReport) =>
    problemsOf(demoReport).map((problem) => html`<li><b>${demoReport.title}</b>: ${problem}</li>`),
  );
  if (demos.length === 0) {
    return html`<section class="verdict wrong"><h2>✗ Nothing was looked at.</h2></section>`;
  }
  if (problems.length > 0) {
    return html`<section class="verdict wrong">
      <h2>✗ ${count(problems.length, "problem")}</h2>
      <ul>
        ${problems}
      </ul>
    </section>`;
  }
  return html`<section class="verdict right">
    <h2>✓ Every edge and every span is right.</h2>
    <p>${arrivals(demos.flatMap(({ services }) => services))}</p>
  </section>`;
}

function demo(demoReport: DemoReport): Markup {
  const { title, namespace, services, dashboard } = demoReport;
  return html`<section class="demo">
    <h2>${title}</h2>
    <p>
      Namespace <code>${namespace}</code>. ${arrivals(services)}
      ${
        dashboard === undefined
          ? undefined
          : html`<a href="${dashboard}" rel="noreferrer">Open it in DeepFlow's dashboard</a>`
      }
    </p>
    <div class="overview">
      <div>
        <h3>Service graph</h3>
        ${serviceGraph(demoReport)}
      </div>
      <div>
        <h3>Sent and received</h3>
        <div class="scroll">${servicesTable(demoReport)}</div>
      </div>
    </div>
    ${traceFigure(demoReport)}
  </section>`;
}

function arrivals(services: readonly ComparedService[]): string {
  const traced = services.filter(({ serviceName }) => serviceName !== undefined);
  const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
  const sent = sum(traced.map((service) => service.sent));
  const received = sum(traced.map((service) => service.received));
  return `${count(sent, "span")} sent by ${count(traced.length, "instrumented service")}, ${count(received, "span")} received.`;
}

function browserFile(name: string): string {
  return readFileSync(new URL(`browser/${name}`, import.meta.url), "utf8");
}
