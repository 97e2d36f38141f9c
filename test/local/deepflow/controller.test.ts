import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentConfigTemplate } from "../../../local/deepflow/agent-config-validation.ts";
import { startController } from "../../../local/deepflow/controller.ts";
import type { Controller, ControllerOptions } from "../../../local/deepflow/controller.ts";

const enabled = "# ours\ninputs:\n  integration:\n    enabled: true\n";

let controller: Controller;

beforeEach(async () => {
  controller = await startController({
    groups: [
      { name: "default" },
      { name: "edge", id: "g-edgeedgeed", config: enabled },
      { name: "core", id: "g-corecoreco" },
    ],
  });
});

afterEach(() => controller.stop());

async function restart(options: ControllerOptions): Promise<void> {
  await controller.stop();
  controller = await startController(options);
}

interface Answer {
  status: number;
  text: string;
}

async function call(method: string, path: string, body?: string): Promise<Answer> {
  const signal = AbortSignal.timeout(1000);
  const response = await fetch(controller.url + path, {
    method,
    signal,
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

async function data(method: string, path: string, body?: string): Promise<unknown> {
  const { text } = await call(method, path, body);
  return (JSON.parse(text) as { DATA: unknown }).DATA;
}

async function lcuuidOf(id: string): Promise<string> {
  const groups = (await data("GET", `/v1/vtap-groups/?short_uuid=${id}`)) as { LCUUID: string }[];
  return groups[0]?.LCUUID ?? "";
}

async function configPath(id: string): Promise<string> {
  return `/v1/agent-group-configuration/${await lcuuidOf(id)}/yaml`;
}

const fail = (description: string, data = '""'): Answer => ({
  status: 500,
  text: `{"OPT_STATUS":"FAIL","DESCRIPTION":${JSON.stringify(description)},"DATA":${data}}`,
});
const ok = (data: unknown): Answer => ({
  status: 200,
  text: `{"OPT_STATUS":"SUCCESS","DESCRIPTION":"","DATA":${JSON.stringify(data)}}`,
});
const notFound = { status: 404, text: "404 page not found" };

describe("groups", () => {
  test("come with the default group first, then the newest", async () => {
    const groups = (await data("GET", "/v1/vtap-groups/")) as { NAME: string; ID: number }[];
    expect(groups.map(({ NAME, ID }) => [NAME, ID])).toEqual([
      ["default", 1],
      ["core", 3],
      ["edge", 2],
    ]);
    expect(Object.keys(groups[0] ?? {})).toEqual([
      "ID",
      "NAME",
      "UPDATED_AT",
      "SHORT_UUID",
      "LCUUID",
      "TEAM_ID",
      "USER_ID",
      "VTAP_LCUUIDS",
      "DISABLE_VTAP_LCUUIDS",
      "PENDING_VTAP_LCUUIDS",
      "LICENSE_FUNCTIONS",
    ]);
  });

  test("have an id of g- and ten characters that cannot be known before", async () => {
    expect(controller.groupId("default")).toMatch(/^g-[0-9a-f]{10}$/);
    const first = controller.groupId("default");
    await restart({});
    expect(controller.groupId("default")).not.toBe(first);
  });

  test("are null, not an empty list, when none is found", async () => {
    expect(await call("GET", "/v1/vtap-groups/?name=nobody")).toEqual(ok(null));
    expect(await call("GET", "/v1/vtap-groups/?short_uuid=default")).toEqual(ok(null));
  });

  test("may share a name, and are then told apart by id", async () => {
    await restart({
      groups: [
        { name: "default", id: "g-aaaaaaaaaa" },
        { name: "default", id: "g-bbbbbbbbbb", config: "" },
      ],
    });
    expect(await data("GET", "/v1/vtap-groups/?name=default")).toHaveLength(2);
    expect(controller.stored("g-aaaaaaaaaa")).toBeNull();
    expect(controller.stored("g-bbbbbbbbbb")).toBe("");
    expect(() => controller.stored("default")).toThrow("several groups default");
  });

  test("are created with the id that is asked for, or with a new one", async () => {
    expect(await data("POST", "/v1/vtap-groups/", '{"name":"new","group_id":""}')).toMatchObject({
      NAME: "new",
      SHORT_UUID: expect.stringMatching(/^g-.{10}$/) as unknown,
    });
    await call("POST", "/v1/vtap-groups/", '{"name":"chosen","group_id":"g-1yhIguXABC"}');
    expect(controller.groupId("chosen")).toBe("g-1yhIguXABC");
  });

  const noGroup =
    '{"ID":0,"NAME":"","UPDATED_AT":"","SHORT_UUID":"","LCUUID":"","TEAM_ID":0,"USER_ID":0,"VTAP_LCUUIDS":null,"DISABLE_VTAP_LCUUIDS":null,"PENDING_VTAP_LCUUIDS":null,"LICENSE_FUNCTIONS":null}';
  test.each([
    [
      '{"name":"edge","group_id":""}',
      `{"OPT_STATUS":"RESOURCE_ALREADY_EXIST","DESCRIPTION":"vtap_group name (edge) already exist","DATA":${noGroup}}`,
    ],
    [
      '{"name":"x","group_id":"edge"}',
      `{"OPT_STATUS":"INVALID_POST_DATA","DESCRIPTION":"{\\"Status\\":\\"INVALID_POST_DATA\\",\\"Message\\":\\"id(edge) invalid, requires g- prefix, number and letter length 10, such as g-1yhIguXABC\\"}","DATA":${noGroup}}`,
    ],
    [
      '{"name":"x","group_id":"g-edgeedgeed"}',
      `{"OPT_STATUS":"INVALID_POST_DATA","DESCRIPTION":"{\\"Status\\":\\"RESOURCE_ALREADY_EXIST\\",\\"Message\\":\\"id(g-edgeedgeed) already exist\\"}","DATA":${noGroup}}`,
    ],
    [
      "yaml: 1",
      '{"OPT_STATUS":"INVALID_PARAMETERS","DESCRIPTION":"invalid character \'y\' looking for beginning of value","DATA":null}',
    ],
  ])("are refused with status 400 for %s", async (body, text) => {
    expect(await call("POST", "/v1/vtap-groups/", body)).toEqual({ status: 400, text });
  });

  test("are found, and refused as taken, whatever the case of their names and ids", async () => {
    expect(await data("GET", "/v1/vtap-groups/?name=EDGE")).toMatchObject([{ NAME: "edge" }]);
    expect(await data("GET", "/v1/vtap-groups/?short_uuid=G-EDGEEDGEED")).toMatchObject([{ NAME: "edge" }]);
    const { status, text } = await call("POST", "/v1/vtap-groups/", '{"name":"EDGE","group_id":""}');
    expect(status).toBe(400);
    expect(text).toContain("vtap_group name (EDGE) already exist");
  });

  test("have every function, but the default group has none", async () => {
    const [first, second] = (await data("GET", "/v1/vtap-groups/")) as { LICENSE_FUNCTIONS: number[] }[];
    expect(first?.LICENSE_FUNCTIONS).toEqual([]);
    expect(second?.LICENSE_FUNCTIONS).toHaveLength(14);
  });

  test("are none, in success, while the database is away, and the template is still there", async () => {
    const path = await configPath("g-edgeedgeed");
    controller.faults.push({ fault: { type: "databaseAway" }, times: 5 });
    expect(await call("GET", "/v1/vtap-groups/")).toEqual(ok(null));
    expect(await call("POST", "/v1/vtap-groups/", '{"name":"lost"}')).toMatchObject({ status: 500 });
    expect(await call("GET", "/v1/agent-group-configuration/template/yaml")).toEqual(ok(agentConfigTemplate));
    expect(await call("PUT", path, "# lost")).toMatchObject({ status: 500 });
    expect(await call("GET", path)).toMatchObject({ status: 500 });
    expect(await call("GET", path)).toEqual(ok(enabled));
  });

  test("are deleted with their configurations; the default group too, after which no other can be", async () => {
    const edge = await configPath("g-edgeedgeed");
    const remove = (lcuuid: string): Promise<Answer> => call("DELETE", `/v1/vtap-groups/${lcuuid}/`);
    const missing = (description: string): Answer => ({
      status: 400,
      text: `{"OPT_STATUS":"RESOURCE_NOT_FOUND","DESCRIPTION":"${description}","DATA":{}}`,
    });
    await remove(await lcuuidOf("g-edgeedgeed"));
    expect(await call("GET", edge)).toEqual(fail("record not found"));
    const lcuuid = await lcuuidOf(controller.groupId("default"));
    expect(await remove(lcuuid)).toEqual(ok({ LCUUID: lcuuid }));
    expect(await remove(lcuuid)).toEqual(missing(`vtap_group (${lcuuid}) not found`));
    expect(await remove(await lcuuidOf("g-corecoreco"))).toEqual(missing("default vtap_group not found"));
  });
});

describe("configurations of a new server", () => {
  test("are absent after an installation", async () => {
    expect(controller.stored("default")).toBeNull();
    expect(await call("GET", await configPath(controller.groupId("default")))).toEqual(
      fail("record not found"),
    );
  });

  test("are read as they were stored, to the byte", async () => {
    expect(await call("GET", await configPath("g-edgeedgeed"))).toEqual(ok(enabled));
  });

  test("are replaced by a POST without a word", async () => {
    const path = await configPath("g-edgeedgeed");
    expect(await call("POST", path, "global: {}\n")).toEqual(ok("global: {}\n"));
    expect(controller.stored("edge")).toBe("global: {}\n");
  });

  test("are made by a POST, which answers with an empty text then", async () => {
    expect(await call("POST", await configPath("g-corecoreco"), enabled)).toEqual(ok(""));
    expect(controller.stored("core")).toBe(enabled);
  });

  test("are replaced as a whole by a PUT", async () => {
    const text = "# theirs\nglobal:\n  limits:\n    max_millicpus: 500 \n\n";
    expect(await call("PUT", await configPath("g-edgeedgeed"), text)).toEqual(ok(text));
    expect(controller.stored("edge")).toBe(text);
  });

  test("are read and written in the row with the lowest id, where there are several", async () => {
    const path = await configPath("g-edgeedgeed");
    controller.addConfig("edge", "# another\n");
    expect(await data("PUT", path, "# mine\n")).toBe("# mine\n");
    expect(controller.stored("edge")).toBe("# mine\n");
    const rows = await data("GET", "/v1/agent-group-configurations");
    expect(rows).toMatchObject([{ YAML: "# mine\n" }, { YAML: "# another\n" }]);
  });

  test("cannot be updated before they are created", async () => {
    expect(await call("PUT", await configPath("g-corecoreco"), enabled)).toEqual(fail("record not found"));
    expect(controller.stored("core")).toBeNull();
  });

  test("cannot be written for a group that there is not", async () => {
    const path = "/v1/agent-group-configuration/nobody/yaml";
    expect(await call("PUT", path, enabled)).toEqual(fail("record not found"));
    expect(await call("POST", path, enabled)).toEqual(fail("record not found"));
  });

  test("are deleted as often as one likes, the legacy one with them", async () => {
    const path = (await configPath("g-edgeedgeed")).replace(/\/yaml$/, "");
    await call(
      "POST",
      "/v1/vtap-group-configuration/advanced/",
      "vtap_group_id: g-edgeedgeed\nmax_cpus: 1\n",
    );
    expect(await call("DELETE", path)).toEqual(ok(null));
    expect(await call("DELETE", path)).toEqual(ok(null));
    expect(await call("DELETE", "/v1/agent-group-configuration/nobody")).toEqual(ok(null));
    expect([controller.stored("edge"), controller.legacyStored("edge")]).toEqual([null, null]);
  });

  test("are listed with their times, for one group if asked", async () => {
    const lcuuid = await lcuuidOf("g-edgeedgeed");
    const rows = await data("GET", "/v1/agent-group-configurations");
    expect(rows).toEqual([
      expect.objectContaining({
        AGENT_GROUP_LCUUID: lcuuid,
        YAML: enabled,
        UPDATED_AT: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/) as unknown,
      }),
    ]);
    expect(await data("GET", `/v1/agent-group-configurations?agent_group_lcuuid=${lcuuid}`)).toEqual(rows);
    expect(await data("GET", "/v1/agent-group-configurations?agent_group_lcuuid=other")).toBeNull();
  });

  test("are listed at another path up to v7.1.5", async () => {
    expect(await call("GET", "/v1/agent-group-configuration/yaml")).toEqual(notFound);
    await restart({ generation: "v7.1.5", groups: [{ name: "default", config: enabled }] });
    expect(await call("GET", "/v1/agent-group-configurations")).toEqual(notFound);
    expect(await data("GET", "/v1/agent-group-configuration/yaml")).toHaveLength(1);
  });

  test("have a template that passes as a configuration", async () => {
    expect(await call("GET", "/v1/agent-group-configuration/template/yaml")).toMatchObject({ status: 200 });
    expect(agentConfigTemplate).toMatch(/^inputs:$/m);
    expect(await call("PUT", await configPath("g-edgeedgeed"), agentConfigTemplate)).toMatchObject({
      status: 200,
    });
  });
});

describe("validation", () => {
  const integration = (line: string): string => `inputs:\n  integration:\n    ${line}\n`;
  const unreadable = "new data formatter error: unmarshal data to map error: ";
  const inIntegration = "invalid value for key 'inputs': invalid value for key 'integration': ";

  test.each([
    [integration("enable: true"), `${inIntegration}unexpected key in configuration: enable`],
    [
      integration("enabled: 1"),
      `${inIntegration}invalid value for key 'enabled': scalar type mismatch: expected !!bool, got !!int`,
    ],
    [
      integration('enabled: "true"'),
      `${inIntegration}invalid value for key 'enabled': scalar type mismatch: expected !!bool, got !!str`,
    ],
    [
      integration("enabled: yes"),
      `${inIntegration}invalid value for key 'enabled': scalar type mismatch: expected !!bool, got !!str`,
    ],
    [
      integration("enabled:"),
      `${inIntegration}invalid value for key 'enabled': scalar type mismatch: expected !!bool, got !!null`,
    ],
    [
      integration('listen_port: "38086"'),
      `${inIntegration}invalid value for key 'listen_port': scalar type mismatch: expected !!int, got !!str`,
    ],
    [
      integration("compression: true"),
      `${inIntegration}invalid value for key 'compression': node kind mismatch: expected 4, got 8`,
    ],
    [
      integration("enabled: {}"),
      `${inIntegration}invalid value for key 'enabled': node kind mismatch: expected 8, got 4`,
    ],
    ["inputs:\n", "invalid value for key 'inputs': node kind mismatch: expected 4, got 8"],
    ["inputs: []\n", "invalid value for key 'inputs': node kind mismatch: expected 4, got 2"],
    [
      integration("enabled: >-\n      false"),
      `${inIntegration}invalid value for key 'enabled': scalar type mismatch: expected !!bool, got !!str`,
    ],
    ["%YAML 1.2\n---\ninputs: {}\n", `${unreadable}yaml: found incompatible YAML document`],
    ["# \u0001\n", `${unreadable}yaml: control characters are not allowed`],
    [
      "- inputs\n",
      "new data formatter error: unmarshal data to map error: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]interface {}",
    ],
    [
      "hello",
      "new data formatter error: unmarshal data to map error: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `hello` into map[string]interface {}",
    ],
    [
      "a: [1",
      "new data formatter error: unmarshal data to map error: yaml: line 1: unexpected end of the stream within a flow collection",
    ],
    [
      "inputs: {}\ninputs: {}\n",
      "new data formatter error: unmarshal data to map error: yaml: line 2: duplicated mapping key",
    ],
  ])("refuses %j and keeps what is stored", async (text, reason) => {
    for (const method of ["PUT", "POST"]) {
      expect(await call(method, await configPath("g-edgeedgeed"), text)).toEqual(
        fail(`yaml validate failed: ${reason}, please check the yaml format`),
      );
    }
    expect(controller.stored("edge")).toBe(enabled);
  });

  test.each([
    ["nothing at all", ""],
    ["null", "null"],
    ["comments only", "# nothing\n"],
    ["a port out of range", integration("listen_port: 70000")],
    ["a float for an int", integration("listen_port: 1.5")],
    ["integers with underscores", integration("listen_port: 38_086")],
    ["integers in base 2", integration("listen_port: 0b11")],
    ["a null for a key", "null: {}"],
    ["anything after the document's end", "inputs: {}\n...\n]]] {"],
    ["any document after the first", "inputs: {}\n---\n- 1\n"],
    ["a BOM", "\uFEFFinputs: {}\n"],
    ["keys of which it knows nothing", "plugins: {}\ninputs: {ebpf: {profile: {on_cpu: {}}}}\n"],
    [
      "any item where the template's list is empty",
      integration("prometheus_extra_labels: {extra_labels: [1]}"),
    ],
    ["merged maps", "inputs:\n  integration:\n    <<: {enabled: false}\n"],
    ["no newline and spaces at the end", "inputs: {}  "],
  ])("accepts %s, and stores it as it is", async (_, text) => {
    expect(await data("PUT", await configPath("g-edgeedgeed"), text)).toBe(text);
    expect(controller.stored("edge")).toBe(text);
  });
});

test("a character of four bytes is refused by the database", async () => {
  const { status, text } = await call("PUT", await configPath("g-edgeedgeed"), "# \u{1F600}\n");
  expect(status).toBe(500);
  expect((JSON.parse(text) as { DESCRIPTION: string }).DESCRIPTION).toBe(
    "Error 1366 (HY000): Incorrect string value: '\\xF0\\x9F\\x98\\x80...' for column 'yaml' at row 1",
  );
  expect(controller.stored("edge")).toBe(enabled);
});

test("a slash too few or too many is redirected, with the query and the method", async () => {
  const ask = async (method: string, path: string) => {
    const { status, headers } = await fetch(controller.url + path, { method, redirect: "manual" });
    return [status, headers.get("location")];
  };
  expect(await ask("GET", "/v1/vtap-groups?name=edge")).toEqual([301, "/v1/vtap-groups/?name=edge"]);
  expect(await ask("GET", "/v1/agent-group-configurations/")).toEqual([
    301,
    "/v1/agent-group-configurations",
  ]);
  expect(await ask("POST", "/v1/vtap-groups")).toEqual([307, "/v1/vtap-groups/"]);
  expect(await ask("GET", "/v1/nothing/")).toEqual([404, null]);
});

describe("configurations of an old server", () => {
  const path = "/v1/vtap-group-configuration";
  const text =
    "# mine\nexternal_agent_http_proxy_port: 38086\nvtap_group_id: g-oldoldoldo\nunknown: 1\nstatic_config:\n  # inner\n  log-level: info\n  bogus: 1\nexternal_agent_http_proxy_enabled: 1\nmax_cpus: 2\n";
  const regenerated =
    "vtap_group_id: g-oldoldoldo\nmax_cpus: 2\nexternal_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 38086\nstatic_config:\n  log-level: info\n";

  beforeEach(async () => {
    await restart({
      generation: "old",
      groups: [
        { name: "default", id: "g-defaultdef" },
        { name: "old", id: "g-oldoldoldo", config: text },
      ],
    });
  });

  async function rowOf(id: string): Promise<string> {
    const rows = (await data("GET", `${path}/?vtap_group_id=${id}`)) as { LCUUID: string }[];
    return rows[0]?.LCUUID ?? "";
  }

  test("come back in the server's order, without comments and unknown keys, static_config last", async () => {
    expect(await call("GET", `${path}/filter/?vtap_group_id=g-oldoldoldo`)).toEqual(ok(regenerated));
    expect(controller.stored("old")).toBe(regenerated);
    expect(await call("GET", `${path}/advanced/`)).toEqual(ok([regenerated]));
  });

  test("are created once only, for the group that the text names", async () => {
    const create = (body: string): Promise<Answer> => call("POST", `${path}/advanced/`, body);
    const body = "vtap_group_id: g-defaultdef\nexternal_agent_http_proxy_enabled: 1\n";
    expect(await create(body)).toEqual(ok(body));
    expect(await create(body)).toEqual(
      fail("vtap group(short_uuid=g-defaultdef) configuration already exist"),
    );
    expect(await create("max_cpus: 1")).toEqual(fail("vtap_group_id is None"));
    expect(await create("vtap_group_id: g-nobody")).toEqual(
      fail("vtap group(short_uuid=g-nobody) not found"),
    );
    expect(await create("# nothing")).toEqual(fail("EOF", "null"));
    expect(await create("null")).toEqual({ status: 500, text: "" });
    expect(await create(enabled)).toEqual(fail("vtap_group_id is None"));
    expect(await create("vtap_group_id: g-oldoldoldo\nexternal_agent_http_proxy_enabled: true")).toEqual(
      fail("yaml: unmarshal errors:\n  line 1: cannot unmarshal !!bool `true` into int", "null"),
    );
  });

  test("lose every key that a PATCH does not name", async () => {
    const body = "vtap_group_id: g-oldoldoldo\nexternal_agent_http_proxy_enabled: 0\n";
    expect(await call("PATCH", `${path}/advanced/${await rowOf("g-oldoldoldo")}/`, body)).toEqual(
      ok("external_agent_http_proxy_enabled: 0\n"),
    );
    expect(controller.stored("old")).toBe(body);
    expect(await call("PATCH", `${path}/advanced//`, body)).toEqual(
      fail("vtap group configuration() not found"),
    );
  });

  test("keep nothing of the new language", async () => {
    const row = await rowOf("g-oldoldoldo");
    expect(await call("PATCH", `${path}/advanced/${row}/`, enabled)).toEqual(ok(""));
    expect(controller.stored("old")).toBe("vtap_group_id: g-oldoldoldo\n");
  });

  test("are listed, read and deleted by the group's id", async () => {
    const group = { VTAP_GROUP_ID: "g-oldoldoldo", VTAP_GROUP_NAME: "old" };
    const values = { MAX_CPUS: 2, MAX_MEMORY: null, EXTERNAL_AGENT_HTTP_PROXY_PORT: 38086 };
    const LCUUID = await rowOf("g-oldoldoldo");
    expect(await data("GET", `${path}/`)).toMatchObject([{ ...group, ...values, LCUUID }]);
    expect(await call("GET", `${path}/?vtap_group_id=g-defaultdef`)).toEqual(ok([]));
    for (const method of ["GET", "DELETE"]) {
      const filter = (id: string): Promise<Answer> => call(method, `${path}/filter/?vtap_group_id=${id}`);
      expect(await filter("")).toEqual(fail("short uuid is None"));
      expect(await filter("g-nobody")).toEqual(fail("vtap group(short_uuid=g-nobody) not found"));
      expect(await filter("g-defaultdef")).toEqual(
        fail("vtap group(short_uuid=g-defaultdef) configuration not found"),
      );
    }
    expect(await call("DELETE", `${path}/filter/?vtap_group_id=g-oldoldoldo`)).toEqual(ok(regenerated));
    expect(controller.stored("old")).toBeNull();
  });

  test("have an example whose keys are all comments", async () => {
    expect(await data("GET", `${path}/example/`)).toMatch(/^#external_agent_http_proxy_enabled: 1$/m);
  });

  test("are all that the server has", async () => {
    expect(await call("GET", "/v1/agent-group-configuration/template/yaml")).toEqual(notFound);
    expect(await call("GET", "/v1/agent-group-configurations")).toEqual(notFound);
    expect(await call("POST", "/v1/agent-group-configuration/x/yaml", enabled)).toEqual(notFound);
  });

  test("can be written to a new server as well, where agents never see them", async () => {
    await restart({ groups: [{ name: "default", id: "g-defaultdef", config: enabled }] });
    const body = "vtap_group_id: g-defaultdef\nexternal_agent_http_proxy_enabled: 0\n";
    expect(await call("POST", `${path}/advanced/`, body)).toEqual(ok(body));
    expect(controller.legacyStored("default")).toBe(body);
    expect(controller.stored("default")).toBe(enabled);
  });
});

describe("the stand-in itself", () => {
  test("records requests, and lets a test change the store in between", async () => {
    controller.onRequest = ({ method }) => {
      if (method === "PUT") controller.setStored("edge", null);
    };
    const path = await configPath("g-edgeedgeed");
    expect(await call("PUT", path, enabled)).toEqual(fail("record not found"));
    expect(controller.requests.at(-1)).toMatchObject({ method: "PUT", path, body: enabled });
  });

  test("is healthy", async () => {
    expect(await call("GET", "/v1/health/")).toEqual(ok(null));
    expect(await call("GET", "/v1/nothing")).toEqual(notFound);
  });

  test("fails as it is told, once, and then works again", async () => {
    const path = await configPath("g-edgeedgeed");
    controller.faults.push({ fault: { type: "status", status: 500, body: "boom" }, method: "PUT" });
    expect(await call("GET", path)).toEqual(ok(enabled));
    expect(await call("PUT", path, "")).toEqual({ status: 500, text: "boom" });
    expect(controller.stored("edge")).toBe(enabled);
    expect(await call("PUT", path, "")).toEqual(ok(""));
    controller.faults.push({ fault: { type: "notFound" }, path: /configuration/, after: 1, times: 2 });
    expect(await call("GET", path)).toEqual(ok(""));
    expect(await call("GET", path)).toEqual(notFound);
    expect(await call("GET", path)).toEqual(notFound);
    expect(await call("GET", path)).toEqual(ok(""));
  });

  test("loses answers with and without the effect", async () => {
    const path = await configPath("g-edgeedgeed");
    controller.faults.push({ fault: { type: "close" } });
    await expect(call("PUT", path, "# 1")).rejects.toThrow("fetch failed");
    expect(controller.stored("edge")).toBe(enabled);
    controller.faults.push({ fault: { type: "loseAnswer" } });
    await expect(call("PUT", path, "# 2")).rejects.toThrow("fetch failed");
    expect(controller.stored("edge")).toBe("# 2");
    controller.faults.push({ fault: { type: "truncate" } });
    await expect(call("PUT", path, "# 3")).rejects.toThrow("terminated");
    expect(controller.stored("edge")).toBe("# 3");
  });

  test("stops while a request hangs", async () => {
    controller.faults.push({ fault: { type: "hang" } });
    const hanging = expect(call("GET", "/v1/health/")).rejects.toThrow("fetch failed");
    while (controller.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await controller.stop();
    await hanging;
  });
});
