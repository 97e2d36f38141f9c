import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { deepflowCtl } from "../../components/agent-group-config/deepflow-ctl.ts";
import { agentGroupSettings } from "../../components/agent-group-config/settings.ts";
import { reachHint } from "../../components/agent-group-config/transport.ts";

const folder = mkdtempSync(join(tmpdir(), "deepflow-ctl-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A tool that says the same whatever it is asked. */
function toolThatSays(stdout: string, stderr: string): ReturnType<typeof deepflowCtl> {
  const [out, err, program] = ["stdout", "stderr", "tool"].map((name) => join(folder, name));
  writeFileSync(out ?? "", stdout);
  writeFileSync(err ?? "", stderr);
  writeFileSync(program ?? "", `#!/bin/sh\ncat '${out}'\ncat '${err}' >&2\n`, { mode: 0o755 });
  return deepflowCtl(program ?? "", { host: "127.0.0.1", port: 1, timeoutSeconds: 5 });
}

const group = { name: "default", id: "g-0123456789", lcuuid: "x" };
const groups = "- {NAME: default, SHORT_UUID: g-0123456789, LCUUID: x}\n";
const certificate = "open /run/secrets/kubernetes.io/serviceaccount/ca.crt: no such file or directory\n";

describe("a deepflow-ctl that misses a certificate outside a pod (v6.5.6 to v6.5.9)", () => {
  test("is believed what it prints beside that", async () => {
    expect(await toolThatSays(groups, certificate).groups()).toEqual([group]);
    expect(await toolThatSays("max_cpus: 1\n\n", certificate).read(group)).toBe("max_cpus: 1\n");
  });

  test("may still say that there is no configuration", async () => {
    const said = 'curl (x) failed, ({"DESCRIPTION":"vtap group(short_uuid=x) configuration not found"})\n';
    expect(await toolThatSays("", certificate + said).read(group)).toBeUndefined();
  });
});

test.each([
  ["a line beside it", `${certificate}dial tcp: refused\n`, "dial tcp: refused"],
  ["another file", certificate.replace("ca.crt", "token"), "serviceaccount/token: no such file"],
  [
    "another reason",
    certificate.replace("no such file or directory", "permission denied"),
    "permission denied",
  ],
  ["more in the line", `fatal: ${certificate}`, "fatal: open"],
  ["a line cut short", certificate.slice(0, -5), "no such file or dir"],
])("whatever else is on stderr stays an error: %s", async (_, stderr, said) => {
  await expect(toolThatSays(groups, stderr).groups()).rejects.toThrow(said);
});

test("that there is no configuration is not believed beside another error", async () => {
  const said = "curl (x) failed, (record not found)\nsignal: killed\n";
  await expect(toolThatSays("", said).read(group)).rejects.toThrow("record not found");
});

test("the port-forward that an error proposes leads to the port that a stack asks by default", () => {
  const { port } = agentGroupSettings.parse({ controller: { host: "127.0.0.1" } }).controller;
  expect(reachHint).toContain(` ${port}:20417`);
});
