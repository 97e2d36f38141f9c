import { callGraph } from "./call-graph.ts";
import { rows, type Demo, type Language } from "./table.ts";

/** The documents' colours, and neutral ones for what is no programming language. */
export const colours: Readonly<Record<Language, { readonly fill: string; readonly text: string }>> = {
  java: { fill: "#b07219", text: "white" },
  dotnet: { fill: "#178600", text: "white" },
  go: { fill: "#00add8", text: "black" },
  nodejs: { fill: "#f1e05a", text: "black" },
  python: { fill: "#3572A5", text: "white" },
  ruby: { fill: "#701516", text: "white" },
  mysql: { fill: "#d0d7de", text: "black" },
  redis: { fill: "#d0d7de", text: "black" },
};

/** The call graph of a demo as a Mermaid flowchart. What has no OpenTelemetry SDK has a dashed outline. */
export function diagram(demo: Demo): string {
  const used = [...new Set(rows(demo).map(({ service }) => service.language))];
  const edges = callGraph(demo).map(({ from, to, protocol }) => `  ${from} -- "${protocol}" --> ${to}`);
  const nodes = rows(demo).map(({ name, service }) => {
    const [open, close] = service.data ? ["[(", ")]"] : ["(", ")"];
    return `  ${name}${open}"${name}"${close}:::${service.language}`;
  });
  const untraced = rows(demo)
    .filter(({ service }) => service.sdk === undefined)
    .map(({ name }) => name);
  return [
    "flowchart LR",
    ...nodes,
    ...edges,
    ...used.map((language) => {
      const { fill, text } = colours[language];
      return `  classDef ${language} fill:${fill},color:${text}`;
    }),
    ...(untraced.length > 0
      ? ["  classDef untraced stroke-dasharray:4", `  class ${untraced.join(",")} untraced`]
      : []),
  ].join("\n");
}
