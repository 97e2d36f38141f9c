import type { ComparedService } from "../replay/compared-services.ts";
import type { DemoReport } from "./demo-report.ts";
import { html, type Markup } from "./html.ts";

const headings = ["Service and pod", "Node", "app.host.ip", "Sent", "Received", "Right?"];
const numbers = ["Sent", "Received"];

/** What was sent from each pod of a demo and what arrived. */
export function servicesTable({ title, services }: DemoReport): Markup {
  return html`<table>
    <caption>
      Spans of ${title} by service
    </caption>
    <thead>
      <tr>
        ${headings.map((heading) => html`<th scope="col" class="${numbers.includes(heading) ? "number" : ""}">${heading}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${services.map(serviceRows)}
    </tbody>
  </table>`;
}

function serviceRows(service: ComparedService): Markup {
  const { name, serviceName, language, pod, node, problem } = service;
  return html`<tr data-service="${name}">
      <th scope="row">
        <i class="swatch ${serviceName === undefined ? "untraced" : ""}" data-language="${language}"></i
        >${name}
        ${serviceName === undefined || serviceName === name ? undefined : html`<small>${serviceName}</small>`}
        <small class="pod">${pod}</small>
      </th>
      <td class="node">${node}</td>
      ${serviceName === undefined ? untraced(service) : traced(service)}
    </tr>
    ${
      problem === undefined
        ? undefined
        : html`<tr class="problem">
            <td colspan="${headings.length}">${problem}</td>
          </tr>`
    }`;
}

function traced({ appHostIps, sent, received, problem }: ComparedService): Markup {
  return html`<td>${appHostIps.join(", ") || "(nothing arrived)"}</td>
    <td class="number">${sent}</td>
    <td class="number">${received}</td>
    ${verdict(problem)}`;
}

function untraced({ problem }: ComparedService): Markup {
  return problem === undefined
    ? html`<td colspan="4" class="quiet">not instrumented, eBPF only</td>`
    : html`<td colspan="3" class="quiet">not instrumented</td>
        ${verdict(problem)}`;
}

function verdict(problem: string | undefined): Markup {
  return problem === undefined ? html`<td class="right">✓ right</td>` : html`<td class="wrong">✗ wrong</td>`;
}
