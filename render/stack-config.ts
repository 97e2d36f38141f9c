import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll, YAMLException } from "js-yaml";
import { z } from "zod";
import { stacksIn } from "../components/base/stack-files.ts";

/** A stack's configuration as the engine would hand it to the program. */
export interface StackConfig {
  readonly config: Readonly<Record<string, string>>;
  /** Full keys that hold an encrypted value somewhere. */
  readonly secretKeys: ReadonlySet<string>;
}

/**
 * Stands for an encrypted value, which only the engine can read. It never reaches a file: Secrets are not
 * rendered.
 */
export const secretPlaceholder = "[secret]";

const stackFile = z.looseObject({ config: z.record(z.string(), z.unknown()).nullish() }).nullish();

/**
 * Reads `Pulumi.<stack>.yaml` without the engine: structured values become JSON and others text, as Pulumi
 * does it.
 *
 * @throws Error, a sentence, if the file is not there or is not a stack's configuration.
 */
export function readStackConfig(folder: string, stack: string): StackConfig {
  const name = `Pulumi.${stack}.yaml`;
  const path = join(folder, name);
  if (!existsSync(path)) {
    throw new Error(
      `There is no ${name}; create it, or choose one of these stacks: ${stacksIn(folder).join(", ") || "none yet"}.`,
    );
  }
  return readStackText(name, readFileSync(path, "utf8"));
}

/**
 * Reads the text of a stack's file as `readStackConfig` does.
 *
 * @param name the file's name, for errors.
 * @throws Error, a sentence, if it is not a stack's configuration.
 */
export function readStackText(name: string, text: string): StackConfig {
  const parsed = stackFile.safeParse(parse(name, text));
  if (!parsed.success)
    throw new Error(`${name} is no stack configuration; write settings below the key config.`);

  const secretKeys = new Set<string>();
  const config = Object.entries(parsed.data?.config ?? {}).map(([key, value]) => {
    const readable = withoutSecrets(value, () => secretKeys.add(key));
    return [key, typeof readable === "string" ? readable : JSON.stringify(readable)] as const;
  });
  return { config: Object.fromEntries(config), secretKeys };
}

function parse(name: string, text: string): unknown {
  try {
    return loadAll(text)[0];
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new Error(`${name} is not YAML: ${error.message}`, { cause: error });
  }
}

/** Pulumi writes an encrypted value as a map with the one key `secure`. */
function withoutSecrets(value: unknown, found: () => void): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, found));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") {
    found();
    return secretPlaceholder;
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutSecrets(item, found)]));
}
