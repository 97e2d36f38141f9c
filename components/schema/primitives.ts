import { z } from "zod";
import { Quantity } from "../quantity.ts";
import { setting } from "./setting.ts";

const dnsLabelPattern = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const labelPattern =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValuePattern = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Name of a namespace, Service or other object: an RFC 1123 label. */
export const dnsLabel = z
  .string()
  .regex(dnsLabelPattern)
  .meta({ expected: "a Kubernetes name: lower-case letters, digits and hyphens, at most 63" });

/** Name of an object that may have dots, such as a PriorityClass: an RFC 1123 subdomain. */
export const dnsSubdomain = z
  .string()
  .max(253)
  .refine((name) => name.split(".").every((label) => dnsLabelPattern.test(label)));

export const labelKey = z.string().regex(labelPattern);
export const labelValue = z.string().regex(labelValuePattern);
export const port = z.int().min(1).max(65535).meta({ expected: "a port, 1 to 65535" });

/** A switch. */
export const bool = z.boolean().meta({ expected: "true or false" });

/** A URL that may be shown: without user or password. */
export const httpUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
});

/**
 * A quantity greater than zero, for which `fits` holds too. One that was read already is taken as well: a
 * stack's settings are the arguments of its components.
 */
export function quantityThat(fits: (quantity: Quantity) => boolean) {
  const text = z.preprocess((given) => (given instanceof Quantity ? given.toString() : given), z.string());
  return text.transform((text, context) => {
    const parsed = Quantity.parse(text);
    if (parsed && parsed.milli > 0n && fits(parsed)) return parsed;
    context.addIssue({ code: "custom", message: "Invalid input" });
    return z.NEVER;
  });
}

/** Any quantity greater than zero. */
export const quantity = quantityThat(() => true);

/** A registry's host, with port and path where a mirror has them. */
export const registry = z
  .string()
  .regex(/^[a-z0-9][-a-z0-9.]*(?::\d+)?(?:\/[-a-z0-9._/]+)?$/)
  .meta({ expected: "a registry, such as mirror.example.com or mirror.example.com/dockerhub" });

export const repository = z
  .string()
  .regex(/^[a-z0-9][-a-z0-9._/]*$/)
  .meta({ expected: "a repository without registry or tag" });

export const tag = z
  .string()
  .regex(/^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$/)
  .meta({ expected: "an image tag" });

export const digest = setting(
  z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  "a digest: sha256: and 64 hexadecimal digits",
  "Pins the image's content. A tag beside it only says which version that is.",
);
