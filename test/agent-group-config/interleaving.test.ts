import fc from "fast-check";
import { loadAll } from "js-yaml";
import { describe, expect, test } from "vitest";
import { agentConfigFormats, type Key } from "../../components/agent-group-config/agent-config-format.ts";
import { desired, merged, record, restored } from "../../components/agent-group-config/document.ts";
import { setAt, UneditableError } from "../../components/agent-group-config/yaml-edit.ts";
import { legacyText, parseLegacyConfig } from "../../local/deepflow/legacy-config.ts";

const generation = agentConfigFormats.new;
const id = "g-0123456789";
const keys: Key[] = ["enabled", "listenPort", "traces"];
const values = desired(generation, { enabled: true, listenPort: 38086, traces: true });

/**
 * Documents as groups have them: comments anywhere, foreign keys beside and below ours, ours there or not.
 */
const documents = fc
  .record({
    top: fc.constantFrom("", "# owned by the platform team\n", "---\n"),
    global: fc.boolean(),
    inputs: fc.constantFrom(
      "",
      "inputs: {}\n",
      "inputs:\n  cbpf: # keep\n    af_packet: {}\n",
      "inputs:\n  integration:\n    enabled: false # off since May\n",
      "inputs:\n    integration:\n        listen_port:   38086\n        compression: {trace: true}\n    # end of inputs\n",
      "inputs: {integration: {enabled: false, feature_control: {trace_integration_disabled: true}}}\n",
    ),
    end: fc.constantFrom("", "# end\n", "\n"),
  })
  .map(
    ({ top, global, inputs, end }) =>
      top + (global ? "global:\n  limits: # of each agent\n    max_millicpus: 500\n" : "") + inputs + end,
  );

/** What somebody else may do meanwhile: a key of their own, a comment, a value of ours changed. */
const edits = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("comment" as const), text: fc.stringMatching(/^[a-z ]{1,12}$/) }),
    fc.record({
      kind: fc.constant("note" as const),
      line: fc.nat(20),
      text: fc.stringMatching(/^[a-z]{1,8}$/),
    }),
    fc.record({ kind: fc.constant("flow" as const) }),
    fc.record({
      kind: fc.constant("foreign" as const),
      name: fc.stringMatching(/^[a-z]{1,8}$/),
      value: fc.integer(),
    }),
    fc.record({ kind: fc.constant("ours" as const), value: fc.boolean() }),
    fc.record({ kind: fc.constant("apply" as const) }),
  ),
  { maxLength: 5 },
);

/** The text with a comment behind a line that has none. */
function noted(text: string, line: number, comment: string): string {
  const lines = text.split("\n");
  const at = line % lines.length;
  if (/^\s*$|#/.test(lines[at] ?? "")) return text;
  return lines.with(at, `${lines[at] ?? ""} # ${comment}`).join("\n");
}

function comments(text: string): string[] {
  return (text.match(/#[^\n]*/g) ?? []).sort();
}

describe("the new generation, any document", () => {
  test("created and deleted gives back the bytes that were there", () => {
    fc.assert(
      fc.property(documents, fc.subarray(keys, { minLength: 1 }), (text, managed) => {
        const wanted = values.filter(([key]) => managed.includes(key));
        const before = record(generation, id, text, managed);
        const { text: set } = merged(generation, id, text, wanted);
        expect(restored(generation, set, wanted, before)).toMatchObject({ text, left: [] });
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  test("and any interleaving with others' edits keeps their keys, values and comments", () => {
    fc.assert(
      fc.property(fc.option(documents, { nil: undefined }), edits, (start, steps) => {
        const before = record(generation, id, start, keys);
        let text = merged(generation, id, start, values).text;
        const foreign = new Map<string, number>();
        const theirs = comments(start ?? "");
        let changed = false;
        for (const step of steps) {
          try {
            if (step.kind === "comment") {
              text += `${text.endsWith("\n") ? "" : "\n"}# ${step.text}\n`;
              theirs.push(`# ${step.text}`);
            } else if (step.kind === "note") {
              const with_ = noted(text, step.line, step.text);
              if (with_ !== text) theirs.push(`# ${step.text}`);
              text = with_;
            } else if (step.kind === "flow") {
              // Whoever writes it anew as JSON, which has no comments.
              if (!text.includes("#")) text = JSON.stringify(loadAll(text)[0] ?? {});
            } else if (step.kind === "foreign") {
              text = setAt(text, ["processors", step.name], step.value);
              foreign.set(step.name, step.value);
            } else if (step.kind === "ours") {
              text = setAt(text, generation.paths.enabled, step.value);
              changed = !step.value;
            } else {
              text = merged(generation, id, text, values).text;
              changed = false;
            }
          } catch (error) {
            // A place that cannot be edited safely is refused, for their edit as for ours.
            expect(error).toBeInstanceOf(UneditableError);
          }
        }
        const { text: end, left } = restored(generation, text, values, before);
        expect(comments(end ?? "")).toEqual(theirs.sort());
        const processors =
          ((loadAll(end ?? "")[0] ?? {}) as { processors?: Record<string, number> }).processors ?? {};
        expect(processors).toEqual(Object.fromEntries(foreign));
        const startsOff = /enabled: false/.test(start ?? "");
        expect(left.map(({ key }) => key)).toEqual(
          changed && !startsOff ? ["inputs.integration.enabled"] : [],
        );
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

describe("the old generation, any configuration", () => {
  const old = agentConfigFormats.old;
  const oldValues = desired(old, { enabled: true, listenPort: 38086, traces: true });
  const configs = fc.record(
    {
      max_cpus: fc.integer({ min: 1, max: 64 }),
      log_level: fc.constantFrom("INFO", "yes", "a # b", "0123", ""),
      domains: fc.array(fc.constantFrom("a", "b-c"), { minLength: 1, maxLength: 3 }),
      external_agent_http_proxy_enabled: fc.constantFrom(0, 1),
      external_agent_http_proxy_port: fc.integer({ min: 1, max: 65535 }),
      static_config: fc.record(
        { profiler: fc.boolean(), "external-trace-integration-disabled": fc.boolean() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  test("a value of another type is refused as a new server's is; an old server has stored none so far", () => {
    const text = "external_agent_http_proxy_enabled: true\n";
    expect(() => record(old, id, text, ["enabled"])).toThrow(
      "external_agent_http_proxy_enabled in it is true, which is no number",
    );
    expect(() => parseLegacyConfig(text)).toThrow("cannot unmarshal !!bool `true` into int");
  });

  test("created and deleted gives back what the server makes of what was there", () => {
    fc.assert(
      fc.property(fc.option(configs), fc.subarray(keys, { minLength: 1 }), (config, managed) => {
        const regenerated = (text: string) => legacyText(id, parseLegacyConfig(text).config);
        const start = config === null ? undefined : regenerated(legacyText(id, config));
        const wanted = oldValues.filter(([key]) => managed.includes(key));
        const before = record(old, id, start, managed);
        const stored = regenerated(merged(old, id, start, wanted).text);
        const { text, left } = restored(old, stored, wanted, before);
        expect(left).toEqual([]);
        expect(text === undefined ? undefined : regenerated(text)).toBe(start);
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
