import type { ComparedService } from "../replay/compared-services.ts";
import { count } from "../replay/count.ts";
import type { DemoReport, ReportContext } from "./demo-report.ts";
import { serviceGraph } from "./graph.ts";
import { htmlPage } from "./html-page.ts";
import { html, type Markup } from "./html.ts";
import { servicesTable } from "./services-table.ts";
import { problemsOf } from "./verdict.ts";
import { traceFigure } from "./waterfall-figure.ts";

/** The page that shows these demos. */
export function page(demos: readonly DemoReport[], context: ReportContext): string {
  return htmlPage({
    title: "what reached DeepFlow",
    about: html`Stack ${context.stack}, ${context.collectors},`,
    generatedAt: context.generatedAt,
    content: [verdict(demos), ...demos.map(demo)],
  });
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
