import { z } from "zod";
import { setting } from "./schema.ts";

/** A registry's host, with port and path where a mirror has them. */
export const registry = z.string().regex(/^[a-z0-9][-a-z0-9.]*(?::\d+)?(?:\/[-a-z0-9._/]+)?$/);
export const registryExpected = "a registry, such as mirror.example.com or mirror.example.com/dockerhub";

export const repository = z.string().regex(/^[a-z0-9][-a-z0-9._/]*$/);
export const repositoryExpected = "a repository without registry or tag";

export const tag = z.string().regex(/^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$/);

export const digest = setting(
  z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  "a digest: sha256: and 64 hexadecimal digits",
  "Pins the image's content. A tag beside it only says which version that is.",
);
