/**
 * Real OpenTelemetry SDKs, as their package registries have them: pinned, with checksums, kept below
 * `.toolchain`.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildOnce } from "../../../local/cluster/toolchain/build-once.ts";
import { go } from "../../../local/cluster/toolchain/go.ts";
import { missingGo } from "../../../local/cluster/toolchain/missing-go.ts";
import { isOnPath } from "../../../local/cluster/toolchain/search-path.ts";
import { toolchain } from "../../../local/cluster/toolchain/toolchain.ts";
import { sourceHash } from "../../source-hash.ts";

/** A command that sends one span and prints its trace ID; or a sentence that says why there is none here. */
export type SdkCommand = { readonly command: readonly string[] } | { readonly missing: string };

/** Milliseconds that a registry gets. */
const downloadTimeout = 100_000;

const run = promisify(execFile);

const sources = (language: string) => join(import.meta.dirname, language);

/** The Java agent, and its SHA-256 as Maven Central had it on the day when it was pinned. */
const javaAgent = {
  artifact: "io.opentelemetry.javaagent:opentelemetry-javaagent:2.30.0",
  file: "opentelemetry-javaagent-2.30.0.jar",
  sha256: "9d6bc2ad8dd8fb7f730984988e57b8ac0a82d81c7b3b8ae795378718733a509d",
};

const mavenCopy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/** Flags for a JVM that only lives for seconds: with them the agent starts in a third of the time. */
const quickStart = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/** A Java program under the Java agent. It makes a request to the URL that its command is followed by. */
export async function javaCommand(): Promise<SdkCommand> {
  for (const [program, what] of [
    ["java", "a JDK, 17 or newer"],
    ["mvn", "Maven, which fetches the Java agent"],
  ] as const)
    if (!isOnPath(program)) return { missing: `No \`${program}\` on PATH: install ${what}.` };
  const result = await prepared(`sdk-java-${javaAgent.sha256.slice(0, 12)}`, async (folder) => {
    const args = [`-Dartifact=${javaAgent.artifact}`, `-DoutputDirectory=${folder}`];
    await run("mvn", ["-q", "-B", mavenCopy, ...args], { timeout: downloadTimeout });
    const found = createHash("sha256")
      .update(readFileSync(join(folder, javaAgent.file)))
      .digest("hex");
    if (found !== javaAgent.sha256)
      throw new Error(`${javaAgent.artifact} has the SHA-256 ${found} instead of ${javaAgent.sha256}.`);
  });
  if (typeof result !== "string") return result;
  const agent = `-javaagent:${join(result, javaAgent.file)}`;
  return { command: ["java", ...quickStart, agent, join(sources("java"), "Main.java")] };
}

/** A Go program with both exporters; its command is followed by the name of one. */
export async function goCommand(): Promise<SdkCommand> {
  const missing = missingGo();
  if (missing !== undefined) return { missing };
  const key = `sdk-go-${sourceHash(sources("go"), ["go.mod", "go.sum", "main.go"])}`;
  const result = await prepared(key, async (folder) => {
    const signal = AbortSignal.timeout(downloadTimeout);
    await go(["build", "-trimpath", "-o", join(folder, "sdk-go"), "."], { cwd: sources("go"), signal });
  });
  return typeof result === "string" ? { command: [join(result, "sdk-go")] } : result;
}

/** A Python program that is started as opentelemetry-instrument starts it. */
export async function pythonCommand(): Promise<SdkCommand> {
  if (!isOnPath("python3")) return { missing: "No `python3` on PATH: install Python 3.10 or newer." };
  let python: string;
  let version: string;
  try {
    const said = await run("python3", ["-c", "import pip, sys; print(sys.executable, sys.version_info[:2])"]);
    [python = "", version = ""] = said.stdout.trim().split(/ (?=\()/);
  } catch {
    return { missing: "The `python3` on PATH has no pip: install it, such as python3-pip." };
  }
  const key = `sdk-python-${sourceHash(sources("python"), ["requirements.txt"], python, version)}`;
  const result = await prepared(key, async (folder) => {
    const target = join(folder, "packages");
    const requirements = join(sources("python"), "requirements.txt");
    const flags = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--no-compile"];
    const install = ["-m", "pip", "install", ...flags, "--target", target, "-r", requirements];
    await run(python, install, { timeout: downloadTimeout });
  });
  if (typeof result !== "string") return result;
  const instrument =
    "from opentelemetry.instrumentation.auto_instrumentation import run; import sys; sys.argv[0] = 'opentelemetry-instrument'; run()";
  const command = [python, "-c", instrument, python, join(sources("python"), "app.py")];
  return { command: ["env", `PYTHONPATH=${join(result, "packages")}`, ...command] };
}

/** The folder that `fill` has filled, now or earlier; or why it could not. */
async function prepared(
  key: string,
  fill: (folder: string) => Promise<void>,
): Promise<string | { missing: string }> {
  const folder = join(toolchain().dir, key);
  try {
    await buildOnce(folder, fill);
    return folder;
  } catch (error) {
    return {
      missing: `${key} could not be prepared: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
