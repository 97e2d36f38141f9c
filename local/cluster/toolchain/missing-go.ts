import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isOnPath } from "./search-path.ts";

/** One sentence that says that Go is missing or too old to compile the toolchain, or undefined. */
export function missingGo(): string | undefined {
  const gomod = join("control-plane", "go.mod");
  const needed = /^go (\d+\.\d+)/m.exec(readFileSync(join(import.meta.dirname, gomod), "utf8"))?.[1] ?? "";
  const advice = `install Go ${needed} or newer (https://go.dev/doc/install), or copy a built .toolchain folder here`;
  if (!isOnPath("go"))
    return `No \`go\` on PATH, which compiles the embedded cluster the first time: ${advice}.`;
  // Outside every module, so that Go tells of itself and not of a newer toolchain that go.mod makes it fetch.
  const output = execFileSync("go", ["env", "GOVERSION", "GOTOOLCHAIN"], { cwd: "/", encoding: "utf8" });
  const [found = "", toolchain = ""] = output.split("\n");
  const minor = Number(/^go1\.(\d+)/.exec(found)?.[1]);
  // From 1.21 on, Go fetches the version that a go.mod asks for, unless it is told not to.
  const fetches = minor >= 21 && toolchain !== "local";
  if (minor >= Number(needed.split(".")[1]) || fetches || found.startsWith("devel")) return undefined;
  return `The \`go\` on PATH is ${found} and local/cluster/toolchain/${gomod} needs ${needed}: ${advice}.`;
}
