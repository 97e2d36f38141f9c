import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startController } from "../../../local/deepflow/controller.ts";
import type { Controller, ControllerGeneration, GroupOptions } from "../../../local/deepflow/controller.ts";
import { installDeepflowCtl } from "../../../local/deepflow/deepflow-ctl.ts";

interface Run {
  stdout: string;
  stderr: string;
  status: number;
}

const enabled = "# ours\ninputs:\n  integration:\n    enabled: true\n";
const flat = "vtap_group_id: g-defaultdef\nexternal_agent_http_proxy_enabled: 1\n";
const certificate = "open /run/secrets/kubernetes.io/serviceaccount/ca.crt: no such file or directory\n";
const silence: Run = { stdout: "", stderr: "", status: 0 };

let folder: string;
let program: string;
let oldProgram: string;
let controller: Controller;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deepflow-ctl-test-"));
  program = installDeepflowCtl(join(folder, "bin"));
  oldProgram = installDeepflowCtl(join(folder, "old"), { generation: "v6.5.9" });
});

afterEach(() => controller.stop());

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  generation: ControllerGeneration = "new",
  groups: GroupOptions[] = [{ name: "default", id: "g-defaultdef" }],
): Promise<void> {
  controller = await startController({ generation, groups });
}

async function run(command: string, args: readonly string[]): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  execFile(command, args, (error, stdout, stderr) => {
    resolve({ stdout, stderr, status: typeof error?.code === "number" ? error.code : 0 });
  });
  return promise;
}

/** Runs the tool against the controller. */
function ctl(args: string, tool = program): Promise<Run> {
  return run(tool, ["--api-port", String(controller.port), ...args.split(" ")]);
}

/** Runs the tool of v6.5.9, without the line that it has on stderr at every call. */
async function oldCtl(args: string): Promise<Run> {
  const { stderr, ...rest } = await ctl(args, oldProgram);
  expect(stderr).toContain(certificate);
  return { ...rest, stderr: stderr.replace(certificate, "") };
}

function file(content: string): string {
  const path = join(folder, `${String(Math.random())}.yaml`);
  writeFileSync(path, content);
  return path;
}

const said = (stdout: string): Run => ({ ...silence, stdout });
const complained = (stderr: string): Run => ({ ...silence, stderr });

async function lcuuid(id = "g-defaultdef"): Promise<string> {
  const answer = (await (await fetch(`${controller.url}/v1/vtap-groups/?short_uuid=${id}`)).json()) as {
    DATA: { LCUUID: string }[];
  };
  return answer.DATA[0]?.LCUUID ?? "";
}

async function configUrl(id?: string): Promise<string> {
  return `${controller.url}/v1/agent-group-configuration/${await lcuuid(id)}/yaml`;
}

const failBody = (description: string): string =>
  JSON.stringify({ OPT_STATUS: "FAIL", DESCRIPTION: description, DATA: "" });

describe("agent-group", () => {
  test("prints its table with the header on stderr", async () => {
    await start("new", [
      { name: "default", id: "g-660ee5e2c4" },
      { name: "edge", id: "g-edgeedgeed" },
    ]);
    expect(await ctl("agent-group list")).toEqual({
      stdout: "default   g-660ee5e2c4   \nedge      g-edgeedgeed   \n",
      stderr: "NAME      ID             \n",
      status: 0,
    });
    expect(await ctl("agent-group list edge")).toEqual({
      stdout: "edge   g-edgeedgeed   \n",
      stderr: "NAME   ID             \n",
      status: 0,
    });
    expect(await ctl("agent-group list nobody -o json")).toEqual(complained("NAME   ID   \n"));
  });

  test("prints all there is to a group as YAML, its keys in order", async () => {
    await start("new", [{ name: "default", id: "59403eda60" }]);
    const { stdout, stderr, status } = await ctl("agent-group list -o yaml");
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "<time>")).toBe(
      `- DISABLE_VTAP_LCUUIDS: []\n  ID: 1\n  LCUUID: ${await lcuuid("59403eda60")}\n  LICENSE_FUNCTIONS: []\n  NAME: default\n  PENDING_VTAP_LCUUIDS: []\n  SHORT_UUID: 59403eda60\n  TEAM_ID: 1\n  UPDATED_AT: '<time>'\n  USER_ID: 1\n  VTAP_LCUUIDS: []\n`,
    );
    expect(await ctl("agent-group list nobody -o yaml")).toEqual(said("null\n"));
  });
});

describe("agent-group-config of a new release", () => {
  test("prints the stored text and one newline more", async () => {
    const text = "# a  \ninputs: {}\n\n";
    await start("new", [{ name: "default", id: "g-defaultdef", config: text }]);
    expect(await ctl("agent-group-config list g-defaultdef -o yaml")).toEqual(said(`${text}\n`));
    controller.setStored("default", "");
    expect(await ctl("agent-group-config list g-defaultdef -o yaml")).toEqual(said("\n"));
  });

  test("complains and prints nothing where there is no configuration", async () => {
    await start();
    expect(await ctl("agent-group-config list g-defaultdef -o yaml")).toEqual(
      complained(`curl (${await configUrl()}) failed, (${failBody("record not found")})\n`),
    );
  });

  test("does not know a group by its name", async () => {
    await start();
    for (const args of [
      "list default -o yaml",
      "create default -f x",
      "update default -f x",
      "delete default",
    ])
      expect(await ctl(`agent-group-config ${args}`)).toEqual(
        complained("agent-group (default) not exist\n\n"),
      );
  });

  test("needs a group to print YAML", async () => {
    await start();
    expect(await ctl("agent-group-config list -o yaml")).toEqual(complained("Must specify agent group ID\n"));
  });

  test("lists the groups that have a configuration", async () => {
    await start("new", [
      { name: "default", id: "g-defaultdef", config: "" },
      { name: "edge", id: "g-edgeedgeed" },
      { name: "core", id: "g-corecoreco", config: "" },
    ]);
    const stderr = "NAME      AGENT_GROUP_ID   \n";
    expect(await ctl("agent-group-config list")).toEqual({
      stdout: "default   g-defaultdef     \ncore      g-corecoreco     \n",
      stderr,
      status: 0,
    });
    expect((await ctl("agent-group-config list g-corecoreco")).stdout).toBe("core   g-corecoreco     \n");
    expect(await ctl("agent-group-config list g-edgeedgeed")).toEqual(
      complained("NAME   AGENT_GROUP_ID   \n"),
    );
  });

  test("creates over what there is, updates, and deletes, without a word", async () => {
    await start();
    expect(await ctl(`agent-group-config create g-defaultdef -f ${file(enabled)}`)).toEqual(silence);
    expect(controller.stored("default")).toBe(enabled);
    expect(await ctl(`agent-group-config create g-defaultdef -f ${file("# other\n")}`)).toEqual(silence);
    expect(controller.stored("default")).toBe("# other\n");
    expect(await ctl(`agent-group-config update g-defaultdef --filename=${file(enabled)}`)).toEqual(silence);
    expect(controller.stored("default")).toBe(enabled);
    expect(controller.requests.at(-1)).toMatchObject({
      method: "PUT",
      body: enabled,
      headers: { "content-type": "application/x-www-form-urlencoded", "x-org-id": "1", "x-user-id": "1" },
    });
    expect(await ctl("agent-group-config delete g-defaultdef")).toEqual(silence);
    expect(await ctl("agent-group-config delete g-defaultdef")).toEqual(silence);
    expect(controller.stored("default")).toBeNull();
  });

  test("cannot update what is not there", async () => {
    await start();
    expect(await ctl(`agent-group-config update g-defaultdef -f ${file(enabled)}`)).toEqual(
      complained(`curl (${await configUrl()}) failed, (${failBody("record not found")})\n`),
    );
  });

  test("sends null for an empty file, and for none when it creates", async () => {
    await start("new", [{ name: "default", id: "g-defaultdef", config: enabled }]);
    expect(await ctl("agent-group-config update g-defaultdef -f /no/file")).toEqual(
      complained("open /no/file: no such file or directory\n"),
    );
    expect(controller.stored("default")).toBe(enabled);
    expect(await ctl(`agent-group-config update g-defaultdef -f ${file("")}`)).toEqual(silence);
    expect(controller.stored("default")).toBe("null");
    controller.setStored("default", enabled);
    expect(await ctl("agent-group-config create g-defaultdef -f /no/file")).toEqual(
      complained("open /no/file: no such file or directory\n"),
    );
    expect(controller.stored("default")).toBe("null");
  });

  test("takes stdin as /dev/stdin, not as a dash", async () => {
    await start();
    expect(await ctl("agent-group-config create g-defaultdef -f -")).toEqual(
      complained("open -: no such file or directory\n"),
    );
    const line = `printf '# piped' | ${program} --api-port ${controller.port} agent-group-config create g-defaultdef -f /dev/stdin`;
    expect(await run("sh", ["-c", line])).toEqual(silence);
    expect(controller.stored("default")).toBe("# piped");
  });

  test.each(["create", "update", "delete"])("says that %s needs a group", async (verb) => {
    await start();
    const rest = verb === "delete" ? "" : " -f x";
    const example = verb === "delete" ? "" : " -f deepflow-config.yaml";
    expect(await ctl(`agent-group-config ${verb}${rest}`)).toEqual(
      complained(
        `must specify agent-group ID.\nExample: %s deepflow-ctl agent-group-config ${verb} g-xxxxxx${example}\n`,
      ),
    );
  });

  test("prints the template", async () => {
    await start();
    const { stdout, stderr } = await ctl("agent-group-config example");
    expect(stdout).toMatch(/^inputs:$/m);
    expect(stderr).toBe("");
  });

  test("is answered 404 by an old server", async () => {
    await start("old");
    expect(await ctl("agent-group-config example")).toEqual(
      complained(
        `curl (${controller.url}/v1/agent-group-configuration/template/yaml) failed, (404 page not found)\n`,
      ),
    );
  });
});

describe("agent-group-config of an old release", () => {
  const warning = "\u001B[0;0;33mWARNING: use agent_group_id instead of vtap_group_id\u001B[0m\n";
  const path = "/v1/vtap-group-configuration";

  test("creates once, for the group that the file names", async () => {
    await start("old");
    const create = `agent-group-config create -f ${file(flat)}`;
    expect(await oldCtl(create)).toEqual(silence);
    expect(controller.stored("default")).toBe(flat);
    const exists = failBody("vtap group(short_uuid=g-defaultdef) configuration already exist");
    expect(await oldCtl(create)).toEqual(
      complained(`curl (${controller.url}${path}/advanced/) failed, (${exists})\n`),
    );
  });

  test("updates as the documents do, with a warning on stdout", async () => {
    await start("old", [{ name: "default", id: "g-defaultdef", config: "max_cpus: 2" }]);
    expect(await oldCtl(`agent-group-config update g-ignored -f ${file(flat)}`)).toEqual(said(warning));
    expect(controller.stored("default")).toBe(flat);
    const renamed = flat.replace("vtap", "agent");
    expect(await oldCtl(`agent-group-config update -f ${file(renamed)}`)).toEqual(silence);
  });

  test("does not update without an id, nor without a configuration", async () => {
    await start("old");
    expect(await oldCtl(`agent-group-config update -f ${file("max_cpus: 1\n")}`)).toEqual(
      complained("must specify agent_group_id\n"),
    );
    const missing = failBody("vtap group configuration() not found");
    expect(await oldCtl(`agent-group-config update -f ${file(flat)}`)).toEqual({
      ...said(warning),
      stderr: `curl (${controller.url}${path}/advanced//) failed, (${missing})\n`,
    });
  });

  test("reads and deletes by id", async () => {
    await start("old");
    const url = `${controller.url}${path}/filter/?vtap_group_id=g-defaultdef`;
    const missing = complained(
      `curl (${url}) failed, (${failBody("vtap group(short_uuid=g-defaultdef) configuration not found")})\n`,
    );
    expect(await oldCtl("agent-group-config list g-defaultdef -o yaml")).toEqual(missing);
    expect(await oldCtl("agent-group-config delete g-defaultdef")).toEqual(missing);
    controller.setStored("default", flat);
    expect(await oldCtl("agent-group-config list g-defaultdef -o yaml")).toEqual(said(`${flat}\n`));
    expect(await oldCtl("agent-group-config delete g-defaultdef")).toEqual(silence);
    expect(controller.stored("default")).toBeNull();
  });

  test("misses the cluster's certificate at every call outside a pod", async () => {
    await start("old");
    expect(await ctl("agent-group list nobody -o yaml", oldProgram)).toEqual({
      ...said("null\n"),
      stderr: certificate,
    });
    expect((await ctl("agent-group-config create --help", oldProgram)).stderr).toBe(certificate);
  });

  test("writes to a new server where no agent reads", async () => {
    await start();
    expect(await oldCtl(`agent-group-config create -f ${file(flat)}`)).toEqual(silence);
    expect(await oldCtl("agent-group-config list g-defaultdef -o yaml")).toEqual(said(`${flat}\n`));
    expect(controller.stored("default")).toBeNull();
  });
});

describe("the documents' own commands", () => {
  test("are refused by a new release, with status 0", async () => {
    await start("new", [{ name: "default", id: "g-defaultdef", config: enabled }]);
    const stale = file("inputs: {integration: {external_agent_http_proxy_port: 1}}\n");
    expect(await ctl(`agent-group-config update g-defaultdef -f ${stale}`)).toEqual(
      complained(
        `curl (${await configUrl()}) failed, (${failBody("yaml validate failed: invalid value for key 'inputs': invalid value for key 'integration': unexpected key in configuration: external_agent_http_proxy_port, please check the yaml format")})\n`,
      ),
    );
    expect(await ctl(`agent-group-config create -f ${file(flat)}`)).toEqual(
      complained(
        "must specify agent-group ID.\nExample: %s deepflow-ctl agent-group-config create g-xxxxxx -f deepflow-config.yaml\n",
      ),
    );
    expect(controller.stored("default")).toBe(enabled);
  });

  test("lose the configuration when the export fails, with status 0 throughout", async () => {
    await start("new", [
      { name: "default", id: "g-defaultdef", config: "global:\n  limits:\n    max_memory: 999\n" },
    ]);
    controller.faults.push({ fault: { type: "status", status: 500, body: "busy" }, path: /\/yaml$/ });
    const copy = join(folder, "copy.yaml");
    const tool = `${program} --api-port ${controller.port} agent-group-config`;
    const line = `${tool} list g-defaultdef -o yaml > ${copy} && ${tool} update g-defaultdef -f ${copy}`;
    expect(await run("sh", ["-c", line])).toEqual(complained(`curl (${await configUrl()}) failed, (busy)\n`));
    expect(controller.stored("default")).toBe("null");
  });

  test("add an empty line with every export and import", async () => {
    await start("new", [{ name: "default", id: "g-defaultdef", config: enabled }]);
    const { stdout } = await ctl("agent-group-config list g-defaultdef -o yaml");
    await ctl(`agent-group-config update g-defaultdef -f ${file(stdout)}`);
    expect(controller.stored("default")).toBe(`${enabled}\n`);
  });
});

describe("errors of the connection", () => {
  const list = (ip: string, port: number, timeout = "30s"): Promise<Run> =>
    run(program, ["agent-group", "list", "-i", ip, `--api-port=${port}`, "--timeout", timeout]);

  test("name the address that refuses", async () => {
    await start();
    const { port } = controller;
    await controller.stop();
    const url = `http://127.0.0.1:${port}/v1/vtap-groups/`;
    expect(await list("127.0.0.1", port)).toEqual(
      complained(
        `curl (${url}) failed, (Get "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused)\n`,
      ),
    );
  });

  test("name the host that cannot be found", async () => {
    await start();
    const url = "http://nobody.invalid:30417/v1/vtap-groups/";
    const { stderr } = await list("nobody.invalid", 30417);
    expect(stderr).toMatch(/^curl \(.*\) failed, \(Get ".*": dial tcp: .*nobody\.invalid.*\)\n$/);
    expect(stderr).toContain(url);
  });

  test.each([
    [
      "hang",
      'curl (URL) failed, (Get "URL": context deadline exceeded (Client.Timeout exceeded while awaiting headers))\n',
    ],
    ["close", 'curl (URL) failed, (Get "URL": EOF)\n'],
    ["truncate", "read (URL) body failed, (unexpected EOF)\n"],
  ] as const)("tell of a server that would %s", async (type, stderr) => {
    await start();
    controller.faults.push({ fault: { type } });
    const timeout = type === "hang" ? "200ms" : "30s";
    const url = `${controller.url}/v1/vtap-groups/`;
    expect(await list("127.0.0.1", controller.port, timeout)).toEqual(
      complained(stderr.replaceAll("URL", url)),
    );
  });

  test.each([
    [200, "<html>", /^parse \(URL\) body failed, \(.+\)\n$/],
    [200, "", /^parse \(URL\) body failed, \(.+\)\n$/],
    [200, '{"OPT_STATUS":"FAIL","DESCRIPTION":"no"}', /^curl \(URL\) failed, \(no\)\n$/],
    [502, "<html>bad gateway</html>", /^curl \(URL\) failed, \(<html>bad gateway<\/html>\)\n$/],
  ])("tell of an answer with status %i and the body %j", async (status, body, stderr) => {
    await start();
    controller.faults.push({ fault: { type: "status", status, body } });
    const run = await list("127.0.0.1", controller.port);
    expect(run).toMatchObject({ stdout: "", status: 0 });
    expect(run.stderr.replaceAll(`${controller.url}/v1/vtap-groups/`, "URL")).toMatch(stderr);
  });

  test("tell of something else than HTTP", async () => {
    await start();
    const server = createServer((socket) => socket.end("SSH-2.0-nothing\r\n")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { stdout, stderr, status } = await list("127.0.0.1", (server.address() as AddressInfo).port);
    server.close();
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
    expect(stderr).toMatch(/^curl \(.*\) failed, \(Get ".*": .+\)\n$/);
  });
});

describe("the command line", () => {
  test("tells the generations apart by their usage", async () => {
    await start();
    const { stdout, stderr } = await ctl("agent-group-config create --help");
    expect(stdout).toContain(
      "deepflow-ctl agent-group-config create <agent-group ID> -f <filename> [flags]\n",
    );
    expect(stderr).toBe("");
    expect((await oldCtl("agent-group-config create --help")).stdout).toContain(
      "deepflow-ctl agent-group-config create -f <filename> [flags]\n",
    );
  });

  test.each([
    ["a flag that is missing", ""],
    ["an unknown flag", " -f x --file x"],
    ["a flag without its value", " -f"],
    ["a duration without its unit", " -f x --timeout 5"],
  ])("complains with status 0 and asks nobody: %s", async (_, flags) => {
    await start();
    const { stdout, stderr, status } = await ctl(`agent-group-config create g-defaultdef${flags}`);
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
    expect(stderr).toMatch(/^error: .*\n\nUsage: /);
    expect(controller.requests).toEqual([]);
  });

  test("says what there is for a command that there is not", async () => {
    await start();
    expect(await ctl("agent-group-config lst")).toEqual(
      said("please run with 'example | list | create | update | delete'.\n"),
    );
    expect(await ctl("nothing")).toMatchObject({ stdout: "", status: 0 });
  });

  test("takes flags before, between and after the commands", async () => {
    await start();
    const port = `--api-port=${controller.port}`;
    for (const args of [
      [port, "-i", "127.0.0.1", "agent-group", "list"],
      ["-i127.0.0.1", "agent-group", port, "list"],
      ["agent-group", "list", "--ip=127.0.0.1", port],
    ])
      expect((await run(program, args)).stdout).toBe("default   g-defaultdef   \n");
  });
});
