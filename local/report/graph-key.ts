import type { ComparedEdge } from "../replay/compared-edges.ts";
import type { DemoReport } from "./demo-report.ts";
import { edgeMarks } from "./graph-layout.ts";
import { html, type Markup } from "./html.ts";

const meanings: readonly [state: ComparedEdge["state"], meaning: string][] = [
  ["seen", "call seen"],
  ["untraced", "call that no span can show"],
  ["missing", `${edgeMarks.missing} call missing`],
  ["unexpected", `${edgeMarks.unexpected} call not expected`],
];

/** What the colours and lines of a service graph mean: only those that are in it. */
export function graphKey({ services, edges }: Pick<DemoReport, "services" | "edges">): Markup {
  const traced = services.filter(({ serviceName }) => serviceName !== undefined);
  const languages = [...new Set(traced.map(({ language }) => language))].sort();
  const states = new Set(edges.map(({ state }) => state));
  return html`<ul class="key">
    ${languages.map((language) => html`<li><i class="swatch" data-language="${language}"></i>${language}</li>`)}
    ${
      traced.length < services.length
        ? html`<li><i class="swatch untraced"></i>not instrumented</li>`
        : undefined
    }
    ${meanings.filter(([state]) => states.has(state)).map(([state, meaning]) => lineKey(state, meaning))}
  </ul>`;
}

function lineKey(state: ComparedEdge["state"], meaning: string): Markup {
  return html`<li>
    <svg viewBox="0 0 28 10" width="28" class="edge ${state}" aria-hidden="true">
      <path d="M 0 5 H 28" />
    </svg>
    ${meaning}
  </li>`;
}
