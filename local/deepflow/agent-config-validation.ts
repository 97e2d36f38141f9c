import { readFileSync } from "node:fs";
import { errorMessage } from "../cluster/terminal/error-message.ts";
import { isMap, tagOf, unmarshalMap } from "./go-yaml.ts";

/** The commented template of keys with their defaults, as far as `inputs.integration`. */
export const agentConfigTemplate = readFileSync(
  new URL("agent-config-template.yaml", import.meta.url),
  "utf8",
);

const template = unmarshalMap(agentConfigTemplate);

/** yaml.v3's numbers for kinds of nodes, which the messages contain. */
const kinds = { sequence: 2, mapping: 4, scalar: 8 };

/**
 * Why DeepFlow's server refuses a configuration of agents, or undefined where it takes it: as
 * server/agent_config/template_json.go does, types of known keys are checked, values are not. An empty text,
 * comments alone and `null` count as an empty map, so they pass. Of several errors the first one in the text
 * is named; DeepFlow names any. Keys outside `inputs.integration` are all accepted here: which there are
 * differs from release to release.
 */
export function refusalOf(text: string): string | undefined {
  let config: Record<string, unknown>;
  try {
    config = unmarshalMap(text);
  } catch (error) {
    const reason = errorMessage(error);
    return `new data formatter error: unmarshal data to map error: ${reason}`;
  }
  return mismatch(config, template, 2);
}

/** @param open how many levels of maps, this one included, may hold keys that the template does not have. */
function mismatch(value: unknown, expected: unknown, open = 0): string | undefined {
  if (kindOf(value) !== kindOf(expected))
    return `node kind mismatch: expected ${kindOf(expected)}, got ${kindOf(value)}`;
  if (isMap(value) && isMap(expected)) {
    for (const [key, item] of Object.entries(value)) {
      // Go has no place for a null among its keys of text, and leaves it out.
      if (key === "null") continue;
      if (!Object.hasOwn(expected, key)) {
        if (open > 0) continue;
        return `unexpected key in configuration: ${key}`;
      }
      const reason = mismatch(item, expected[key], open - 1);
      if (reason !== undefined) return `invalid value for key '${key}': ${reason}`;
    }
    return undefined;
  }
  if (Array.isArray(value) && Array.isArray(expected)) {
    const [first] = expected as unknown[];
    // Where the template's list is empty, there is nothing to compare with.
    if (expected.length === 0) return undefined;
    const reasons = value.map((item: unknown) => mismatch(item, first));
    const reason = reasons.find((reason) => reason !== undefined);
    return reason === undefined ? undefined : `invalid sequence item: ${reason}`;
  }
  return scalarMismatch(tagOf(value), tagOf(expected));
}

function kindOf(value: unknown): number {
  if (Array.isArray(value)) return kinds.sequence;
  return isMap(value) ? kinds.mapping : kinds.scalar;
}

function scalarMismatch(found: string, expected: string): string | undefined {
  const isNumber = (tag: string): boolean => tag === "!!int" || tag === "!!float";
  if (expected === "!!null" || found === expected || (isNumber(found) && isNumber(expected)))
    return undefined;
  return `scalar type mismatch: expected ${expected}, got ${found}`;
}
