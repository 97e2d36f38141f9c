import { z } from "zod";
import { Quantity } from "../quantity.ts";

/**
 * What a setting's schema says beside its type: `expected` completes the sentence "write …", and
 * `description` is what docs/settings.md, stack.schema.json and Pulumi.yaml say of it.
 */
declare module "zod" {
  interface GlobalMeta {
    expected?: string;
    /** Whether it must be encrypted in a stack's file. */
    secret?: boolean;
  }
}

/**
 * A setting: its type with its default, if it has one, what to write (`expected`), and what it is for. What
 * to write may be left out where its primitive says it (primitives.ts).
 */
export function setting<T extends z.ZodType>(
  schema: T,
  ...texts: readonly [expected: string, description: string] | readonly [description: string]
): T {
  const [expected, description] = texts.length === 2 ? texts : [expectedOf(schema), texts[0]];
  return schema.meta({ ...(expected !== undefined && { expected }), description });
}

/** What to write, as a schema or one that it wraps says. */
export function expectedOf(type: z.ZodType): string | undefined {
  return type.meta()?.expected ?? (isWrapper(type) ? expectedOf(type.unwrap() as z.ZodType) : undefined);
}

/** A schema without the defaults that wrap it. */
export function unwrap(type: z.ZodType | undefined): z.ZodType | undefined {
  return type && isWrapper(type) ? unwrap(type.unwrap() as z.ZodType) : type;
}

function isWrapper(type: z.ZodType): type is z.ZodDefault | z.ZodPrefault | z.ZodOptional {
  return type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodOptional;
}

/**
 * A group of settings, in which an unknown key is an error: a typo must not be a setting that does nothing.
 */
export function settings<T extends z.ZodRawShape>(shape: T, description: string) {
  return z.strictObject(shape).meta({ expected: "a map of settings", description });
}

/** A group of settings that is there with all its defaults when a stack does not mention it. */
export function settingsWithDefaults<T extends z.ZodRawShape>(shape: T, description: string) {
  return settings(shape, description)
    .prefault({} as never)
    .meta({ expected: "a map of settings", description });
}

/**
 * Two settings that must fit together, as arguments for `refine`: it is checked even if something else is
 * wrong, so that all errors come at once. What does not have its type yet must count as fitting.
 */
export function rule<Given extends object>(
  path: string[],
  fits: (given: Given) => boolean,
  sentence: (given: Given) => string,
) {
  return [
    (given: unknown) => !isMap(given) || fits(given as Given),
    {
      path,
      error: ({ input }: { readonly input?: unknown }) => sentence(input as Given),
      when: () => true,
    },
  ] as const;
}

/** Whether a value is a map. Rules run on whatever was written, so that a map may be anything. */
export function isMap<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of any type in a rule's sentence. */
export function inWords(value: unknown): string {
  return typeof value === "string" || value instanceof Quantity ? String(value) : JSON.stringify(value);
}
