import type { Picture, PicturedEdge } from "./picture.ts";

/** What is wrong with a demo, a sentence each that names the edge or the service. Empty where everything is right. */
export function problemsOf({ services, edges, trace }: Picture): string[] {
  return [
    ...services.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
    ...edges.flatMap((edge) => edgeProblem(edge) ?? []),
    ...(trace.length === 0 ? ["No span arrived that a trace could be drawn from."] : []),
  ];
}

/** What is wrong with an edge; an untraced one is right, because no span could have shown it. */
export function edgeProblem({ from, to, protocol, state }: PicturedEdge): string | undefined {
  if (state === "missing") return `No span shows ${from} calling ${to} (${protocol}).`;
  if (state === "unexpected")
    return `Spans show ${from} calling ${to} (${protocol}), which was not expected.`;
  return undefined;
}
