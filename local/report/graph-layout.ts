import { instance } from "@viz-js/viz";
import type { ComparedEdge } from "../replay/compared-edges.ts";
import type { DemoReport, ShownService } from "./demo-report.ts";

/** A point in the drawing: pixels from its left and its upper edge. */
export type Point = readonly [x: number, y: number];

export interface PlacedService {
  readonly name: string;
  /** Absent where only edges name it. */
  readonly service: ShownService | undefined;
  readonly center: Point;
  readonly width: number;
}

export interface PlacedEdge {
  readonly edge: ComparedEdge;
  /** Control points of a cubic Bézier spline: where it starts, then three for each piece. */
  readonly curve: readonly Point[];
  /** The arrow's head, a triangle. */
  readonly head: readonly Point[];
  readonly label: string;
  /** Middle of the label's baseline. */
  readonly labelAt: Point;
}

/** A service graph from left to right; sizes are in pixels. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly services: readonly PlacedService[];
  readonly edges: readonly PlacedEdge[];
}

/** What is drawn here of Graphviz' JSON output. An operation "b" is a spline, "P" a polygon, "T" a text. */
interface Drawn {
  bb: string;
  objects?: { name: string; pos: string }[];
  edges?: { id: string; _draw_?: Operation[]; _hdraw_?: Operation[]; _ldraw_?: Operation[] }[];
}
interface Operation {
  op: string;
  points?: Point[];
  pt?: Point;
}

/**
 * What stands before the protocol of an edge that is wrong, because colours alone tell some people nothing.
 */
export const edgeMarks: Readonly<Record<ComparedEdge["state"], string>> = {
  seen: "",
  missing: "✗",
  unexpected: "?",
  untraced: "",
};

const graphviz = await instance();
const pixelsPerInch = 72;
/** Height of a service's box. */
export const boxHeight = 42;

/** Where Graphviz puts services and the edges between them. Circles and edges to oneself are fine. */
export function layOutGraph({ services, edges }: Pick<DemoReport, "services" | "edges">): GraphLayout {
  const names = [
    ...new Set([...services.map(({ name }) => name), ...edges.flatMap(({ from, to }) => [from, to])]),
  ];
  // Graphviz gets numbers instead of names and x's instead of labels: it would read escapes out of text.
  const numberOf = (name: string): string => String(names.indexOf(name));
  const drawn = graphviz.renderJSON(
    {
      directed: true,
      graphAttributes: { rankdir: "LR", nodesep: 0.22, ranksep: 0.3, pad: 0 },
      nodeAttributes: { shape: "box", fixedsize: true, height: boxHeight / pixelsPerInch },
      edgeAttributes: { fontname: "Helvetica", fontsize: 11, arrowsize: 0.7 },
      nodes: names.map((name) => ({
        name: numberOf(name),
        attributes: { width: boxWidth(name) / pixelsPerInch },
      })),
      edges: edges.map((edge, id) => ({
        tail: numberOf(edge.from),
        head: numberOf(edge.to),
        attributes: { id, label: "x".repeat(labelOf(edge).length) },
      })),
    },
    { yInvert: true },
  ) as Drawn;

  const [, height = 0, width = 0] = numbersIn(drawn.bb);
  return {
    width,
    height,
    services: names.map((name) => {
      const [x = 0, y = 0] = numbersIn(drawn.objects?.find((object) => object.name === numberOf(name))?.pos);
      const service = services.find((service) => service.name === name);
      return { name, service, center: [x, y], width: boxWidth(name) };
    }),
    edges: edges.map((edge, index) => {
      const { _draw_, _hdraw_, _ldraw_ } = drawn.edges?.find(({ id }) => id === String(index)) ?? {};
      return {
        edge,
        curve: _draw_?.find(({ op }) => op === "b")?.points ?? [],
        head: _hdraw_?.find(({ op }) => op === "P")?.points ?? [],
        label: labelOf(edge),
        labelAt: _ldraw_?.find(({ op }) => op === "T")?.pt ?? [0, 0],
      };
    }),
  };
}

function labelOf({ protocol, state }: ComparedEdge): string {
  return [edgeMarks[state], protocol].join(" ").trim();
}

/** What the name needs in semibold 13 px type, and at least what the line below it does. */
function boxWidth(name: string): number {
  return Math.max(116, 20 + 8 * name.length);
}

function numbersIn(text = ""): number[] {
  return text.split(",").map(Number);
}
