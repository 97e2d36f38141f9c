import type { z } from "zod";
import { pathText, sentencesOf } from "./sentences.ts";
import { SettingsError } from "./settings-error.ts";

/**
 * A component's arguments with their defaults.
 *
 * @param component its class, for sentences.
 * @param keys how many keys of a path the caller added around the arguments.
 * @throws SettingsError with a sentence for each argument that cannot be used.
 */
export function parseArgs<T extends z.ZodType>(
  schema: T,
  args: unknown,
  component: string,
  keys = 0,
): z.output<T> {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  throw new SettingsError(
    sentencesOf(schema, args, result.error, {
      keyOf: (path) => `${component}'s ${pathText(path.slice(keys))}`,
      isSecret: () => false,
    }),
  );
}
