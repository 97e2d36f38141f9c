import { afterEach, describe, expect, test } from "vitest";
import type { BeforeRecord } from "../../components/agent-group-config/document.ts";
import {
  apply,
  before,
  preview,
  restore,
  type Spec,
  type Written,
} from "../../components/agent-group-config/reconcile.ts";
import type { Transport } from "../../components/agent-group-config/transport.ts";
import {
  startController,
  type Controller,
  type Fault,
  type FaultRule,
} from "../../local/deepflow/controller.ts";
import type { Lane } from "./lanes.ts";

const spec: Spec = { group: { name: "default" }, integration: { enabled: true } };
const wider: Spec = { ...spec, integration: { enabled: true, listenPort: 38086 } };

/** What is stored at first, and what it is with the value in it: to the byte where the server keeps bytes. */
interface Stored {
  readonly state: string;
  readonly start: string | null;
  readonly set: string;
  /** With the port in it too, as the `update` of a stack that manages more. */
  readonly wider: string;
  /** After it is all taken back; the start where it is not said. */
  readonly end?: string | null;
}

const newStates: readonly Stored[] = [
  {
    state: "no row",
    start: null,
    set: "inputs:\n  integration:\n    enabled: true\n",
    wider: "inputs:\n  integration:\n    listen_port: 38086\n    enabled: true\n",
  },
  {
    state: "an empty row",
    start: "",
    set: "inputs:\n  integration:\n    enabled: true\n",
    wider: "inputs:\n  integration:\n    listen_port: 38086\n    enabled: true\n",
    // An empty file would be sent as null.
    end: "{}",
  },
  {
    state: "what a wipe has left",
    start: "null",
    set: "inputs:\n  integration:\n    enabled: true\n",
    wider: "inputs:\n  integration:\n    listen_port: 38086\n    enabled: true\n",
  },
  {
    state: "comments and foreign keys",
    start: "# ours, do not touch\nglobal:\n  limits:\n    max_millicpus: 500   # enough\n# the end\n",
    set: "# ours, do not touch\ninputs:\n  integration:\n    enabled: true\nglobal:\n  limits:\n    max_millicpus: 500   # enough\n# the end\n",
    wider:
      "# ours, do not touch\ninputs:\n  integration:\n    listen_port: 38086\n    enabled: true\nglobal:\n  limits:\n    max_millicpus: 500   # enough\n# the end\n",
  },
  {
    state: "the value already there",
    start: "inputs:\n  integration:\n    enabled: true # by hand\n",
    set: "inputs:\n  integration:\n    enabled: true # by hand\n",
    wider: "inputs:\n  integration:\n    listen_port: 38086\n    enabled: true # by hand\n",
  },
  {
    state: "disabled",
    start: "inputs: {integration: {enabled: false}}\n",
    set: "inputs: {integration: {enabled: true}}\n",
    wider: "inputs: {integration: {listen_port: 38086, enabled: true}}\n",
  },
];

/** The old server writes its own text: what counts is what it says. */
const oldStates: readonly Stored[] = [
  {
    state: "no row",
    start: null,
    set: "external_agent_http_proxy_enabled: 1\n",
    wider: "external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 38086\n",
  },
  {
    state: "foreign keys",
    start: "max_cpus: 2\n",
    set: "max_cpus: 2\nexternal_agent_http_proxy_enabled: 1\n",
    wider: "max_cpus: 2\nexternal_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 38086\n",
  },
  {
    state: "the value already there",
    start: "external_agent_http_proxy_enabled: 1\n",
    set: "external_agent_http_proxy_enabled: 1\n",
    wider: "external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 38086\n",
  },
  {
    state: "disabled",
    start: "external_agent_http_proxy_enabled: 0\n",
    set: "external_agent_http_proxy_enabled: 1\n",
    wider: "external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 38086\n",
  },
];

const faults: readonly [string, Fault, RegExp][] = [
  [
    "HTTP 500",
    { type: "status", status: 500, body: '{"OPT_STATUS":"FAIL","DESCRIPTION":"boom","DATA":""}' },
    /boom/,
  ],
  ["no answer in time", { type: "hang" }, /time|deadline/i],
  ["a closed connection", { type: "close" }, /./],
  ["a truncated answer", { type: "truncate" }, /./],
];

const running: Controller[] = [];

/** The whole contract over one lane; each lane has a file of its own, so that they run side by side. */
export function contract({ name, generation, transport: transportTo }: Lane): void {
  describe(name, () => {
    afterEach(async () => {
      await Promise.all(running.splice(0).map((controller) => controller.stop()));
    });

    async function server(config: string | null, groups = [{ name: "default", config }]) {
      const controller = await startController({ generation, groups });
      running.push(controller);
      return { controller, transport: transportTo(controller) };
    }

    /** The stored text; of an old server its values, without the group's id and in one order. */
    function stored(controller: Controller): string | null {
      const text = controller.stored("default");
      if (text === null || generation === "new") return text;
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("vtap_group_id:"));
      return lines.sort().join("\n");
    }

    function expected(text: string | null): string | null {
      if (text === null || generation === "new") return text;
      return text
        .split("\n")
        .filter((line) => line !== "")
        .sort()
        .join("\n");
    }

    async function create(transport: Transport): Promise<[BeforeRecord, Written]> {
      const record = await before(transport, spec);
      const { written } = await apply(transport, spec, record);
      return [record, written];
    }

    describe.each(generation === "new" ? newStates : oldStates)(
      "$state",
      ({ start, set, wider: more, end = start }) => {
        test("is set, changed, and put back, and nothing else is touched", async () => {
          const { controller, transport } = await server(start);
          const [record, written] = await create(transport);
          expect(stored(controller)).toBe(expected(set));

          const widerRecord = await before(transport, wider, record);
          const second = await apply(transport, wider, widerRecord, written);
          expect(stored(controller)).toBe(expected(more));

          await restore(transport, second.written, widerRecord);
          expect(stored(controller)).toBe(expected(end));
        });

        test("is narrowed again: what is managed no longer is put back at once", async () => {
          const { controller, transport } = await server(start);
          const record = await before(transport, wider);
          const { written } = await apply(transport, wider, record);
          const narrower = await apply(transport, spec, record, written);
          expect(stored(controller)).toBe(expected(set));
          await restore(transport, narrower.written, record);
          expect(stored(controller)).toBe(expected(end));
        });

        test("is not written again where nothing would change, and not by a preview", async () => {
          const { controller, transport } = await server(start);
          const before_ = stored(controller);
          const { changes } = await preview(transport, spec);
          expect(changes.length > 0).toBe(expected(set) !== expected(start));
          expect(stored(controller)).toBe(before_);
          const [record] = await create(transport);
          const writes = () => controller.requests.filter(({ method }) => method !== "GET").length;
          const after = writes();
          await apply(transport, spec, record);
          expect(writes()).toBe(after);
        });

        test("keeps what somebody else changed since, and says so", async () => {
          const { controller, transport } = await server(start);
          const [record, written] = await create(transport);
          const foreign = (controller.stored("default") ?? "").replace(/enabled: (true|1)/, (_, value) =>
            value === "1" ? "enabled: 0" : "enabled: false",
          );
          controller.setStored("default", foreign);
          const kept = controller.stored("default");
          const { sentences } = await restore(transport, written, record);
          const isBack = /enabled: (false|0)/.test(start ?? "");
          expect(sentences.join()).toContain(isBack ? "" : "which somebody else wrote; it stays.");
          expect(controller.stored("default")).toBe(kept);
        });
      },
    );

    test.each([["a: [1\n", "not YAML"]])(
      "an unparsable configuration (%j) is left alone, and the error says why",
      async (text, why) => {
        if (generation === "old") return;
        const { controller, transport } = await server(null);
        controller.setStored("default", text);
        await expect(create(transport)).rejects.toThrow(
          `The configuration of agent group default is left alone, because it is ${why}`,
        );
        expect(controller.stored("default")).toBe(text);
      },
    );

    test("a stale key that the server no longer knows is not dropped: the server's own words come through", async () => {
      if (generation === "old") return;
      const { controller, transport } = await server(null);
      const stale = "inputs:\n  integration:\n    platform_enabled: 1\n";
      controller.setStored("default", stale);
      await expect(create(transport)).rejects.toThrow("unexpected key in configuration: platform_enabled");
      expect(controller.stored("default")).toBe(stale);
    });

    if (generation === "new") {
      describe("what cannot be put back is found before anything is written", () => {
        const all: Spec = { ...spec, integration: { enabled: true, listenPort: 38086, traces: true } };
        const text = (lines: string) => `inputs:\n  integration:\n    ${lines}\n`;
        const [enabled, port, traces] = [
          "inputs.integration.enabled",
          "inputs.integration.listen_port",
          "inputs.integration.feature_control.trace_integration_disabled",
        ];
        const refused = (key: string, value: string, type: string) =>
          `${key} in it is ${value}, which is no ${type}, so that the server would refuse it when it is put back; write a ${type} there, or take the key out, with`;

        test.each([
          ["a folded text", text("enabled: >-\n      false"), refused(enabled, '"false"', "boolean")],
          ["quotes", text('enabled: "true"'), refused(enabled, '"true"', "boolean")],
          ["a word of YAML 1.1", text("enabled: yes"), refused(enabled, '"yes"', "boolean")],
          ["a number for a boolean", text("enabled: 1"), refused(enabled, "1", "boolean")],
          ["a tag of a text", text("enabled: !!str false"), refused(enabled, '"false"', "boolean")],
          ["nothing behind the key", text("enabled:"), refused(enabled, "null", "boolean")],
          ["a quoted port", text('listen_port: "38086"'), refused(port, '"38086"', "number")],
          ["a boolean for a port", text("listen_port: true"), refused(port, "true", "number")],
          [
            "a quoted switch of traces",
            text("feature_control: {trace_integration_disabled: 'no'}"),
            refused(traces, '"no"', "boolean"),
          ],
          [
            "an alias of a value",
            "x: &off false\n" + text("enabled: *off"),
            `${enabled} in it is the alias *off; write its value out in place of *off with`,
          ],
          [
            "an alias of a map",
            "x: &i {enabled: false}\ninputs: {integration: *i}\n",
            "inputs.integration in it is the alias *i; write its value out in place of *i with",
          ],
          [
            "an anchor",
            text("enabled: &off false\n    compression: {trace: *off}"),
            `${enabled} in it has the anchor &off; write its value out in place of every *off, and take &off out with`,
          ],
          [
            "several documents",
            "inputs: {}\n---\na: 1\n",
            "it holds several YAML documents, of which DeepFlow reads the first; take the others out with",
          ],
          [
            "text after the end",
            "inputs: {}\n...\n]]]\n",
            "it has a line `...`, behind which DeepFlow reads nothing; take out that line and what follows it with",
          ],
        ])("%s", async (_, stored, said) => {
          const { controller, transport } = await server(stored);
          for (const step of [() => before(transport, all), () => preview(transport, all)]) {
            const error = await step().catch((error: unknown) => error as Error);
            expect((error as Error).message).toContain(
              `The configuration of agent group default is left alone, because ${said}`,
            );
            expect((error as Error).message).toMatch(
              / with deepflow-ctl agent-group-config update, then run this again\.$/,
            );
          }
          expect(controller.requests.every(({ method }) => method === "GET")).toBe(true);
          expect(controller.stored("default")).toBe(stored);
        });

        test.each([
          ["integers as Go writes them", text("listen_port: 38_087\n    enabled: False")],
          ["a port in base 2", text("listen_port: 0b1001010011000110")],
          ["a number with a fraction", text("listen_port: 1.5")],
          ["a tag of the right type", text("enabled: !!bool false")],
          ["Windows' line ends", text("enabled: false # why\n    compression: {}").replaceAll("\n", "\r\n")],
          ["a BOM", "\uFEFFglobal: {}\n"],
          ["the document's end", `${text("enabled: false")}...\n`],
          ["a comment of 2 MB", `# ${"x".repeat(2_000_000)}\n${text("enabled: false")}`],
          ["several rows", text("enabled: false")],
        ])("%s can, to the byte", async (name, stored) => {
          const { controller, transport } = await server(stored);
          if (name === "several rows") controller.addConfig("default", "# not read\n");
          const record = await before(transport, all);
          const { written } = await apply(transport, all, record);
          expect(controller.stored("default")).toMatch(/enabled: (!!bool )?true/);
          await restore(transport, written, record);
          expect(controller.stored("default") === stored).toBe(true);
        });

        test("a value that is managed already may become anything: it is set again", async () => {
          const { controller, transport } = await server(null);
          const record = await before(transport, spec);
          await apply(transport, spec, record);
          controller.setStored("default", text('enabled: "false"'));
          await apply(transport, spec, await before(transport, spec, record));
          expect(controller.stored("default")).toBe(text("enabled: true"));
        });
      });
    }

    /**
     * A text, put there after a good create, that must still be there when changing and restoring have
     * failed.
     */
    async function leftAlone(text: string, why: RegExp): Promise<void> {
      const { controller, transport } = await server(null);
      const [record, written] = await create(transport);
      controller.setStored("default", text);
      const off = { ...spec, integration: { enabled: false } };
      await expect(apply(transport, off, record, written)).rejects.toThrow(why);
      expect(controller.stored("default")).toBe(text);
      await expect(restore(transport, written, record)).rejects.toThrow(why);
      expect(controller.stored("default")).toBe(text);
    }

    test("a configuration that became unparsable, or has a key that the server no longer knows, is left alone", async () => {
      if (generation === "old") return;
      await leftAlone("inputs: [1\n", /is left alone, because it is not YAML/);
      await leftAlone(
        "inputs:\n  integration:\n    enabled: true\n    platform_enabled: 1\n",
        /unexpected key in configuration: platform_enabled/,
      );
    });

    test("a group that is gone fails a change, and leaves a destroy nothing to put back", async () => {
      const { controller, transport } = await server(null, [
        { name: "default", config: null },
        { name: "edge", config: null },
      ]);
      const edge = { ...spec, group: { name: "edge" } };
      const record = await before(transport, edge);
      const { written } = await apply(transport, edge, record);
      const other = await server(null);
      await expect(apply(other.transport, edge, record, written)).rejects.toThrow(
        "There is no agent group of the name edge",
      );
      const { sentences } = await restore(other.transport, written, record);
      expect(sentences).toEqual([
        `The agent group ${controller.groupId("edge")} is gone; there is nothing to put back.`,
      ]);
      expect(other.controller.requests.every(({ method }) => method === "GET")).toBe(true);
    });

    const none = (DATA: unknown) => JSON.stringify({ OPT_STATUS: "SUCCESS", DESCRIPTION: "", DATA });
    test.each<[string, FaultRule]>([
      ["its database is away", { fault: { type: "databaseAway" } }],
      ["its list is empty", { fault: { type: "status", status: 200, body: none([]) }, path: /vtap-groups/ }],
    ])("a server without any group (%s) fails every step, a destroy too, and keeps all", async (_, rule) => {
      const { controller, transport } = await server(null);
      const [record, written] = await create(transport);
      const text = controller.stored("default");
      const already = controller.requests.length;
      controller.faults.push({ ...rule, times: Infinity });
      for (const step of [
        () => before(transport, spec),
        () => preview(transport, spec),
        () => apply(transport, wider, record, written),
        () => restore(transport, written, record),
      ]) {
        await expect(step()).rejects.toThrow(
          /lists no agent group at all\. Every installation has one, so the server's database may be away;/,
        );
      }
      expect(controller.requests.slice(already).every(({ method }) => method === "GET")).toBe(true);
      expect(controller.stored("default")).toBe(text);

      controller.faults.length = 0;
      await restore(transport, written, record);
      expect(controller.stored("default")).toBeNull();
    });

    test("a configuration that one look does not find, as an old server says while its database goes away, is not gone", async () => {
      const { controller, transport } = await server(null);
      const [record, written] = await create(transport);
      const DESCRIPTION = generation === "new" ? "record not found" : "vtap group(x) configuration not found";
      controller.faults.push({
        fault: {
          type: "status",
          status: 500,
          body: JSON.stringify({ OPT_STATUS: "FAIL", DESCRIPTION, DATA: "" }),
        },
        path: /filter|-[0-9a-f]+\/yaml$/,
      });
      await restore(transport, written, record);
      expect(controller.faults).toMatchObject([{ times: 0 }]);
      expect(controller.stored("default")).toBeNull();
    });

    test("a second group of the same name fails a change, and a destroy still knows its own", async () => {
      const { controller, transport } = await server(null);
      const [record, written] = await create(transport);
      controller.addGroup("default");
      await expect(apply(transport, spec, record, written)).rejects.toThrow(
        "Several agent groups have the name default",
      );
      await restore(transport, written, record);
      expect(controller.stored(written.groupId)).toBeNull();
    });

    test("an unknown group is an error that names the groups there are", async () => {
      const { transport } = await server(null);
      await expect(before(transport, { ...spec, group: { name: "prod" } })).rejects.toThrow(
        /There is no agent group of the name prod; there are: default \(g-\w{10}\)\./,
      );
    });

    test("two groups of one name are an error that names both", async () => {
      const { transport } = await server(null, [
        { name: "default", config: null },
        { name: "edge", config: null },
        { name: "edge", config: null },
      ]);
      await expect(before(transport, { ...spec, group: { name: "edge" } })).rejects.toThrow(
        /Several agent groups have the name edge: edge \(g-\w{10}\), edge \(g-\w{10}\); say which one by agentGroup\.id\./,
      );
    });

    test("a server that is down fails every step with a sentence", async () => {
      const { controller, transport } = await server(null);
      const [record, written] = await create(transport);
      await controller.stop();
      const down = transportTo(controller);
      for (const step of [
        () => before(down, spec),
        () => apply(down, spec, record),
        () => restore(down, written, record),
      ]) {
        await expect(step()).rejects.toThrow(/refused|failed: /);
      }
    });

    describe.each(faults)("%s", (_, fault, said) => {
      test.each(["create", "change", "restore"] as const)(
        "fails a %s with a sentence, and no foreign byte is lost",
        async (step) => {
          const start = generation === "new" ? (newStates[3]?.start ?? "") : "max_cpus: 2\n";
          const { controller } = await server(start);
          const good = transportTo(controller);
          const [record, written] = step === "create" ? [] : await create(good);
          const text = controller.stored("default");
          controller.faults.push({ fault: { ...fault }, times: 1000 });
          const bad = transportTo(controller, 1);
          const work =
            step === "create"
              ? before(bad, spec)
              : step === "change"
                ? apply(bad, { ...spec, integration: { enabled: false } }, record as BeforeRecord, written)
                : restore(bad, written as Written, record as BeforeRecord);
          await expect(work).rejects.toThrow(said);
          expect(controller.stored("default")).toBe(text);
        },
      );
    });

    test("a write whose answer is lost is an error, and running it again ends the same, with the same way back", async () => {
      const start = generation === "new" ? (newStates[3]?.start ?? "") : "max_cpus: 2\n";
      const { controller, transport } = await server(start);
      const begin = stored(controller);
      const record = await before(transport, spec);
      controller.faults.push({
        fault: { type: "loseAnswer" },
        method: generation === "new" ? "PUT" : "PATCH",
      });
      await expect(apply(transport, spec, record)).rejects.toThrow();
      const { written } = await apply(transport, spec, record);
      await restore(transport, written, record);
      expect(stored(controller)).toBe(begin);
    });

    test("a write that is said to have succeeded, and changed nothing, is not believed", async () => {
      const start = generation === "new" ? "global:\n  limits:\n    max_millicpus: 1\n" : "max_cpus: 1\n";
      const { controller, transport } = await server(start);
      const record = await before(transport, spec);
      const body = '{"OPT_STATUS":"SUCCESS","DESCRIPTION":"","DATA":""}';
      controller.faults.push({
        fault: { type: "status", status: 200, body },
        method: generation === "new" ? "PUT" : "PATCH",
      });
      await expect(apply(transport, spec, record)).rejects.toThrow("is not what was just written");
    });

    test("somebody who writes between our read and our write is not overwritten", async () => {
      const { controller, transport } = await server(
        generation === "new"
          ? "a: 1\n".replace("a: 1", "global:\n  limits:\n    max_millicpus: 1")
          : "max_cpus: 1\n",
      );
      const record = await before(transport, spec);
      let reads = 0;
      controller.onRequest = ({ method, path }) => {
        if (method !== "GET" || !/yaml|filter/.test(path) || path.includes("template")) return;
        reads += 1;
        // Just before the look that comes before the write.
        if (reads !== 2) return;
        const text = controller.stored("default") ?? "";
        controller.setStored("default", text.replace(/(max_millicpus|max_cpus): 1/, "$1: 2"));
      };
      await apply(transport, spec, record);
      expect(reads).toBeGreaterThan(2);
      expect(controller.stored("default")).toMatch(/max_(millicpus|cpus): 2/);
      expect(controller.stored("default")).toMatch(/enabled: (true|1)/);
    });
  });
}
