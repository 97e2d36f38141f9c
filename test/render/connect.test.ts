import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { load, loadAll } from "js-yaml";
import { describe, expect, test } from "vitest";
import { chartDestination } from "../../components/deepflow/destination.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { connectionsOf, containerEnv, languages, type LanguageName } from "../../components/sdk/languages.ts";
import { connectText, languagesText, networkPolicyText } from "../../render/connect.ts";

const collectors = otelAgentDestination("open-telemetry");
const names = Object.keys(languages) as LanguageName[];

/** The blocks of a text, each as YAML reads it. */
function blocks(text: string): Record<string, unknown>[] {
  return text.split("\n\n").flatMap((block) => loadAll(block) as Record<string, unknown>[]);
}

describe("the lines for an application", () => {
  test.each(names)("of %s are YAML, and nothing but what the table says", (name) => {
    for (const destination of [collectors, chartDestination]) {
      const wanted = connectionsOf(languages[name], "shop", destination).able.map(containerEnv);
      const said = blocks(connectText(name, destination, "shop")).map((block) =>
        name === "operator" ? (block["spec"] as { env: unknown }).env : block["env"],
      );
      expect(said).toEqual(wanted);
      expect(said.length).toBeGreaterThan(0);
    }
  });

  test("say what the SDK speaks by itself, and what it is told", () => {
    expect(connectText("java", collectors)).toContain(
      "It speaks http/protobuf by default, and is told grpc.",
    );
    expect(connectText("python", collectors)).toContain("It speaks grpc by default; the variable makes sure");
    expect(connectText("ruby", collectors)).toContain("It speaks http/protobuf, and nothing else.");
  });

  test("say of an SDK that cannot send why, and what to do", () => {
    const said = (name: LanguageName) => connectText(name, chartDestination).replaceAll("\n# ", " ");
    expect(said("go")).toContain(
      "Go by the exporter otlptracegrpc: cannot send there. It speaks grpc alone, and deepflow-agent.deepflow takes http/protobuf. Use another exporter, or a stack with Collectors (topology agent or gateway).",
    );
    expect(said("dotnet")).toContain(
      ".NET by AddOtlpExporter: cannot send there by variables. It does not read OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    );
  });

  test("fit a terminal", () => {
    const lines = names.flatMap((name) => connectText(name, collectors).split("\n"));
    expect(lines.filter((line) => line.startsWith("#") && line.length > 80)).toEqual([]);
  });
});

test("the NetworkPolicy lets out to the Collectors' pods and to DNS, and says whom it is for", () => {
  const text = networkPolicyText(collectors);
  expect(text).toContain("# For a namespace that restricts egress already");
  expect(load(text)).toMatchObject({
    kind: "NetworkPolicy",
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "otel-agent" } } }],
          ports: [
            { port: 4317, protocol: "TCP" },
            { port: 4318, protocol: "TCP" },
          ],
        },
        { ports: [{ port: 53, protocol: "UDP" }, expect.anything()] },
      ],
    },
  });
});

describe("npm run connect", () => {
  const run = async (...args: string[]) => {
    const program = join(import.meta.dirname, "..", "..", "render", "connect-cli.ts");
    return promisify(execFile)(process.execPath, [program, ...args]).catch((error: unknown) => error);
  };

  test("prints the lines for a stack with a base as for its base", async () => {
    const expected = { stdout: connectText("nodejs", collectors, "shop") };
    for (const stack of ["dev", "demo"])
      expect(await run("--stack", stack, "--language", "nodejs", "--service", "shop")).toMatchObject(
        expected,
      );
  });

  test("lists the languages where none is named", async () => {
    expect(await run("--stack", "dev")).toMatchObject({
      stdout: expect.stringContaining(languagesText(collectors)) as string,
    });
  });

  test("names the languages there are, and the stacks", async () => {
    expect(await run("--stack", "dev", "--language", "cobol")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cobol.*java, go, dotnet/s) as string,
    });
    expect(await run("--stack", "none", "--language", "java")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There is no Pulumi.none.yaml; .*dev/) as string,
    });
  });
});
