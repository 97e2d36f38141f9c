import type { ComparedEdge } from "../replay/compared-edges.ts";
import type { ComparedService } from "../replay/compared-services.ts";
import { count } from "../replay/count.ts";
import type { DemoReport, ShownService } from "./demo-report.ts";
import { graphKey } from "./graph-key.ts";
import {
  boxHeight,
  layOutGraph,
  type GraphLayout,
  type PlacedEdge,
  type PlacedService,
  type Point,
} from "./graph-layout.ts";
import { html, type Markup } from "./html.ts";

/** The service graph of a demo as a figure: an SVG drawing, a key to it, and its edges in words. */
export function serviceGraph(demoReport: DemoReport): Markup {
  const { title, services, edges } = demoReport;
  const summary = `Service graph of ${title}: ${count(services.length, "service")} and ${count(edges.length, "edge")}, listed below.`;
  return html`<figure class="graph">
    <div class="scroll">${drawing(layOutGraph(demoReport), summary)}</div>
    <figcaption>${graphKey(demoReport)} ${edgeList(edges)}</figcaption>
  </figure>`;
}

function drawing(layout: GraphLayout, summary: string): Markup {
  // The margin holds what lines and marks reach over what Graphviz measured.
  const margin = 8;
  const [width, height] = [layout.width + 2 * margin, layout.height + 2 * margin];
  return html`<svg
    viewBox="${[-margin, -margin, width, height].join(" ")}"
    width="${width}"
    style="--width: ${width}px"
    class="${width > 1000 ? "wide" : ""}"
    role="img"
    aria-label="${summary}"
  >
    ${layout.edges.map(edgeDrawing)} ${layout.services.map(serviceDrawing)}
  </svg>`;
}

function serviceDrawing({ name, service, center: [x, y], width }: PlacedService): Markup {
  const untraced = service?.serviceName === undefined ? "untraced" : "";
  const wrong = service?.problem === undefined ? "" : "wrong";
  return html`<g
    class="service ${untraced} ${wrong}"
    data-language="${service?.language}"
    data-service="${name}"
    transform="translate(${x} ${y})"
  >
    <title>${serviceTip(name, service)}</title>
    <rect x="${-width / 2}" y="${-boxHeight / 2}" width="${width}" height="${boxHeight}" rx="7" />
    <text y="-3" class="name">${wrong && "✗ "}${name}</text>
    <text y="13">${serviceLine(service)}</text>
  </g>`;
}

function serviceLine(service: ComparedService | undefined): string {
  if (service === undefined) return "unknown";
  const { language, serviceName, received } = service;
  return serviceName === undefined ? `${language}, eBPF only` : `${language}, ${count(received, "span")}`;
}

function serviceTip(name: string, service: ShownService | undefined): string {
  if (service === undefined) return `${name}\nNo service of this name is known.`;
  if (service.tip !== undefined) return service.tip;
  const { language, serviceName, pod, node, podIp, sent, received, problem } = service;
  return [
    serviceName === undefined || serviceName === name ? name : `${name} (service.name ${serviceName})`,
    `${language}, pod ${pod}`,
    `${podIp} on ${node}`,
    serviceName === undefined
      ? "Not instrumented; DeepFlow sees it by eBPF."
      : `${count(sent, "span")} sent, ${received} received`,
    problem ?? "",
  ]
    .join("\n")
    .trim();
}

function edgeDrawing({ edge, curve, head, label, labelAt: [x, y] }: PlacedEdge): Markup {
  return html`<g class="edge ${edge.state}" data-from="${edge.from}" data-to="${edge.to}">
    <title>${`${edge.from} → ${edge.to}\n${edge.protocol}, ${edgeState(edge)}`}</title>
    <path d="${splinePath(curve)}" />
    <polygon points="${head.join(" ")}" />
    <text x="${x}" y="${y}">${label}</text>
  </g>`;
}

function splinePath([start, ...rest]: readonly Point[]): string {
  return start === undefined ? "" : `M ${start.join(" ")} C ${rest.flat().join(" ")}`;
}

function edgeState({ state, calls }: ComparedEdge): string {
  const times = count(calls, "call");
  return {
    seen: `seen, ${times}`,
    missing: "missing",
    unexpected: `not expected, ${times}`,
    untraced: "no OpenTelemetry span can show it",
  }[state];
}

function edgeList(edges: readonly ComparedEdge[]): Markup {
  return html`<details>
    <summary>${count(edges.length, "edge")} as a list</summary>
    <ul class="edges">
      ${edges.map((edge) => html`<li>${edge.from} → ${edge.to}: ${edge.protocol}, ${edgeState(edge)}</li>`)}
    </ul>
  </details>`;
}
