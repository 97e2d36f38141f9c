import { z } from "zod";
import { formatQuantity, parseQuantity } from "./quantity.ts";

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

/** A setting: its type, what to write (`expected`), what it is for, and its default if it has one. */
export function setting<T extends z.ZodType>(schema: T, expected: string, description: string): T {
  return schema.meta({ expected, description });
}

/** A group of settings, in which an unknown key is an error: a typo must not be a setting that does nothing. */
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
 * Two settings that must fit together, as arguments for `refine`: it is checked even if something else is wrong, so that
 * all errors come at once. What does not have its type yet must count as fitting.
 */
export function rule<Given extends object>(
  path: string[],
  fits: (given: Given) => boolean,
  sentence: (given: Given) => string,
) {
  const isMap = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  return [
    (given: unknown) => !isMap(given) || fits(given as Given),
    {
      path,
      error: ({ input }: { readonly input?: unknown }) => sentence(input as Given),
      when: () => true,
    },
  ] as const;
}

/** A value of any type in a rule's sentence. */
export function inWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const dnsLabelPattern = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const labelPattern =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValuePattern = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Name of a namespace, Service or other object: an RFC 1123 label. */
export const dnsLabel = z.string().regex(dnsLabelPattern);
export const dnsLabelExpected = "a Kubernetes name: lower-case letters, digits and hyphens, at most 63";

/** Name of an object that may have dots, such as a PriorityClass: an RFC 1123 subdomain. */
export const dnsSubdomain = z
  .string()
  .max(253)
  .refine((name) => name.split(".").every((label) => dnsLabelPattern.test(label)));

export const labelKey = z.string().regex(labelPattern);
export const labelValue = z.string().regex(labelValuePattern);
export const port = z.int().min(1).max(65535);
export const portExpected = "a port, 1 to 65535";

/** A URL that may be shown: without user or password. */
export const httpUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
});

/** A quantity greater than zero, put into the spelling that the API server stores. */
export const quantity = z
  .string()
  .refine((text) => (parseQuantity(text)?.milli ?? 0n) > 0n)
  .transform((text) => {
    const parsed = parseQuantity(text);
    return parsed ? formatQuantity(parsed) : text;
  });
