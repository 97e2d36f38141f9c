import type { AttributeValue, Span } from "../deepflow/otlp.ts";
import type { ComparedService } from "../replay/compared-services.ts";
import { count } from "../replay/count.ts";
import type { DemoReport } from "./demo-report.ts";
import { milliseconds } from "./format.ts";
import { html, type Markup } from "./html.ts";
import { waterfall, type Waterfall, type WaterfallRow } from "./waterfall.ts";

/** The trace of a demo as rows of bars over time; a row opens and shows what its span says. */
export function traceFigure({ trace, services }: DemoReport): Markup {
  const drawn = waterfall(trace);
  const [root] = drawn.rows;
  if (root === undefined) {
    return html`<h3>No trace</h3>
      <p>No span arrived, so there is nothing to draw.</p>`;
  }

  const names = new Set(trace.map(serviceNameOf));
  return html`<h3>One trace: ${root.span.name}</h3>
    <p>
      ${count(trace.length, "span")} of ${count(names.size, "service")} in ${milliseconds(drawn.totalMs)}.
    </p>
    <p class="quiet">Trace <code>${root.span.traceId}</code>. A row opens and shows what its span says.</p>
    <figure class="waterfall" aria-label="Waterfall of the trace's spans, children below their parents">
      ${ruler(drawn)}
      <ol>
        ${drawn.rows.map((row) => rowMarkup(row, drawn, services))}
      </ol>
    </figure>`;
}

function ruler({ totalMs }: Waterfall): Markup {
  const marks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) => html`<span style="--at: ${percent(part)}">${milliseconds(totalMs * part)}</span>`,
  );
  return html`<div class="ruler" aria-hidden="true">
    <span>Service and operation</span>
    <div>${marks}</div>
  </div>`;
}

function rowMarkup(row: WaterfallRow, { totalMs }: Waterfall, services: readonly ComparedService[]): Markup {
  const { span, depth, offsetMs, durationMs, orphan } = row;
  const serviceName = serviceNameOf(span);
  const service = services.find((candidate) => candidate.serviceName === serviceName);
  const failed = span.statusCode === "ERROR";
  const part = (ms: number): number => (totalMs === 0 ? 0 : ms / totalMs);
  const place = `--depth: ${depth}; --start: ${percent(part(offsetMs))}; --width: ${percent(part(durationMs))}`;
  return html`<li style="${place}" data-language="${service?.language}" data-service="${service?.name}">
    <details>
      <summary>
        <span class="who">
          <span class="what"><b>${serviceName}</b> ${span.name}</span>
          ${failed ? html`<em class="error">✗ error</em>` : undefined}
          ${orphan ? html`<em>parent missing</em>` : undefined}
        </span>
        <span
          class="track ${failed ? "failed" : ""} ${timePlace(part(offsetMs), part(offsetMs + durationMs))}"
        >
          <i class="bar"></i><span class="time">${milliseconds(durationMs)}</span>
        </span>
      </summary>
      ${says(row, service)}
    </details>
  </li>`;
}

function says({ span, offsetMs, durationMs }: WaterfallRow, service: ComparedService | undefined): Markup {
  const facts: [string, AttributeValue | undefined][] = [
    ["span", span.name],
    ["kind", span.kind.toLowerCase()],
    ["service", serviceNameOf(span)],
    ["app.host.ip", span.resource["app.host.ip"] ?? "(none)"],
    ["node", span.resource["k8s.node.name"] ?? service?.node],
    ["time", `${milliseconds(durationMs)}, ${milliseconds(offsetMs)} after the trace's first span began`],
    ["status", span.statusCode.toLowerCase()],
    ...Object.entries(span.attributes),
  ];
  return html`<dl>
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${valueText(value)}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Where a bar's time has room, for a bar from and to a part of the width. */
function timePlace(start: number, end: number): "after" | "before" | "inside" {
  if (end <= 0.8) return "after";
  return start >= 0.2 ? "before" : "inside";
}

function serviceNameOf({ resource }: Span): string {
  const name = resource["service.name"];
  return typeof name === "string" ? name : "(no service.name)";
}

function valueText(value: AttributeValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function percent(part: number): string {
  return `${Number((100 * part).toFixed(3))}%`;
}
