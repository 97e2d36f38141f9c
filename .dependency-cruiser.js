/**
 * Which folder may import which: dependencies go one way, and there are no circles. `npm run check` fails on one that
 * runs upward; docs/imports.md draws what there is.
 */

/** Folders (or files of the root) with all that each may import besides itself and packages; whatever is not named is left alone. */
const layers = {
  components: [],
  // The program: what Pulumi runs.
  root: ["components"],
  render: ["components", "root", "local/cluster/terminal"],
  policy: ["components", "root", "render", "local/cluster"],
  "local/cluster": [],
  "local/nodes": ["local/cluster"],
  "local/deepflow": ["local/cluster"],
  "local/replay": ["components", "local/cluster", "local/deepflow"],
  "local/report": ["components", "local/cluster", "local/deepflow", "local/replay"],
  // It asks what is real, so it knows no stand-in; of local/ it has what shows things.
  verify: ["components", "root", "render", "local/cluster/terminal", "local/replay", "local/report"],
  // Parts of the cluster, from the lowest to the highest.
  "local/cluster/terminal": [],
  "local/cluster/toolchain": ["local/cluster/terminal"],
  "local/cluster/control-plane": ["local/cluster/terminal", "local/cluster/toolchain"],
  "local/cluster/node": ["local/cluster/control-plane", "local/cluster/terminal", "local/cluster/toolchain"],
};

const pattern = (layer) => (layer === "root" ? "^[^/]+\\.ts$" : `^${layer}/`);

const oneWay = Object.entries(layers).map(([layer, allowed]) => ({
  name: `one-way-${layer.replaceAll("/", "-")}`,
  comment: `${layer} may import ${allowed.join(", ") || "nothing of the other folders"}.`,
  severity: "error",
  from: { path: pattern(layer) },
  to: { pathNot: [...[layer, ...allowed].map(pattern), "^node_modules/"], dependencyTypes: ["local"] },
}));

export default {
  forbidden: [
    ...oneWay,
    {
      name: "no-circles",
      comment: "Two files that import each other are one file, or lack a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "not-to-tests",
      comment: "What is measured may use what the tests use; nothing that is deployed or started may.",
      severity: "error",
      from: { pathNot: "^(bench|test)/" },
      to: { path: "^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^node_modules/" },
    // Types count: who has to be changed along with whom does not end where a program starts.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
