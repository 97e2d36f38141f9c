import { z } from "zod";
import { expectedOf, isMap, unwrap } from "./setting.ts";

/** How the keys of settings are written, and which values are secret. */
export interface SentencesOptions {
  /** How a setting's key is written. */
  readonly keyOf: (path: Path) => string;
  /** Whether a value must not appear in a sentence. */
  readonly isSecret: (path: Path) => boolean;
}

export type Path = readonly PropertyKey[];

/**
 * What is wrong with settings as their schema sees it: sentences that name the key, what was found, and what
 * to write.
 */
export function sentencesOf(
  schema: z.ZodType,
  given: unknown,
  error: z.ZodError,
  options: SentencesOptions,
): string[] {
  return [...new Set(error.issues.flatMap((issue) => issueSentences(schema, given, issue, options)))];
}

function issueSentences(
  schema: z.ZodType,
  given: unknown,
  issue: z.core.$ZodIssue,
  { keyOf, isSecret }: SentencesOptions,
): string[] {
  const { path } = issue;
  const key = keyOf(path);
  const type = schemaAt(schema, path);
  const value = valueAt(given, path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (unknown) => `${keyOf([...path, unknown])} is no setting${advice(type, value, unknown)}.`,
    );
  }
  const found = value !== undefined && isSecret(path) ? "[secret]" : show(value, type);
  if (issue.code === "custom" && issue.message !== "Invalid input")
    return [`${key} is ${found}, but ${issue.message}.`];
  if (issue.code === "invalid_key")
    return [`${key} is no key that can be used here; write ${expectedAt(schema, path.slice(0, -1))}.`];
  return [`${key} is ${found}; write ${expectedAt(schema, path)}.`];
}

/** Settings that must be encrypted and are not: a password in a file that people commit is none. */
export function plainTextSentences(
  schema: z.ZodType,
  given: unknown,
  { keyOf, isSecret }: SentencesOptions,
): string[] {
  return secretPaths(schema, given, [])
    .filter((path) => !isSecret(path))
    .map((path) => {
      const key = keyOf(path);
      return `${key} is in plain text; run: pulumi config set --secret --path ${key}.`;
    });
}

/** Where what was given has values that must be encrypted. */
function secretPaths(type: z.ZodType, given: unknown, path: readonly string[]): string[][] {
  if (!isMap(given)) return [];
  return Object.entries(given).flatMap(([key, value]: [string, unknown]) => {
    const inner = schemaAt(type, [key]);
    if (!inner || value === undefined) return [];
    return inner.meta()?.secret === true ? [[...path, key]] : secretPaths(inner, value, [...path, key]);
  });
}

/** A path as `pulumi config set --path` takes it: `otelAgent.image`, `services["a-b"]`. */
export function pathText(path: Path): string {
  const step = (key: PropertyKey, index: number) => {
    if (typeof key === "number") return `[${key}]`;
    if (index === 0) return String(key);
    return /^\w+$/.test(String(key)) ? `.${String(key)}` : `["${String(key)}"]`;
  };
  return path.map(step).join("");
}

function show(value: unknown, type: z.ZodType | undefined): string {
  if (value === undefined)
    return type instanceof z.ZodDefault ? `${JSON.stringify(type.def.defaultValue)} by default` : "missing";
  // Only the keys of a map, and no password of a URL: what was found may end up in the log of a pull request.
  if (isMap(value)) {
    return `{ ${Object.keys(value).join(", ")} }`;
  }
  const text = JSON.stringify(value).replace(/(:\/\/)[^/@]*@/g, "$1…@");
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined,
    value,
  );
}

/**
 * What to write for the value at a path: said by its own schema, or by the nearest one above it that says it.
 */
function expectedAt(schema: z.ZodType, path: Path): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const type = schemaAt(schema, path.slice(0, length));
    const expected = type && expectedOf(type);
    if (expected !== undefined) return expected;
  }
  return "another value";
}

function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((at, key) => {
    const type = unwrap(at);
    if (type instanceof z.ZodArray) return type.element as z.ZodType;
    if (type instanceof z.ZodRecord) return type.valueType as z.ZodType;
    const shape = shapeOf(type);
    return shape && Object.hasOwn(shape, key) ? shape[String(key)] : undefined;
  }, schema);
}

/**
 * The settings in a group, by name; `undefined` for anything else. Of a discriminated union those of the
 * option that `value` is for, or of all.
 */
export function shapeOf(
  type: z.ZodType | undefined,
  value?: unknown,
): Readonly<Record<string, z.ZodType>> | undefined {
  const group = unwrap(type);
  if (group instanceof z.ZodObject) return group.shape;
  if (!(group instanceof z.ZodDiscriminatedUnion)) return undefined;
  const options = group.options as readonly z.ZodObject<Readonly<Record<string, z.ZodType>>>[];
  const { discriminator } = group.def;
  const chosen = valueAt(value, [discriminator]);
  const own = options.filter(({ shape }) => shape[discriminator]?.safeParse(chosen).success);
  const shapes = (value !== undefined && own.length === 1 ? own : options).map(({ shape }) => shape);
  return Object.assign({}, ...shapes.toReversed()) as Record<string, z.ZodType>;
}

/** What to write instead of a key that a group does not have, as the end of a sentence. */
function advice(type: z.ZodType | undefined, value: unknown, key: string): string {
  const shape = shapeOf(type, value) ?? {};
  const group = unwrap(type);
  if (!(group instanceof z.ZodDiscriminatedUnion))
    return `; write one of ${Object.keys(shape).join(", ")}, or leave it out`;
  const { discriminator } = group.def;
  const nameOf = (shape: Readonly<Record<string, z.ZodType>>) => {
    const literal = unwrap(shape[discriminator]);
    return literal instanceof z.ZodLiteral ? String(literal.value) : "";
  };
  const others = (group.options as readonly z.ZodObject[]).filter(({ shape }) => Object.hasOwn(shape, key));
  const instead = [
    ...others.map(({ shape }) => `${discriminator} ${nameOf(shape)}`),
    ...(others.length > 0 ? [] : [`one of ${Object.keys(shape).join(", ")}`]),
  ];
  return ` where ${discriminator} is ${nameOf(shape)}; write ${instead.join(" or ")}, or leave it out`;
}
