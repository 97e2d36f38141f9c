import { z } from "zod";
import { setting, settingsWithDefaults } from "../../schema.ts";
import { defaultVersion } from "../collector-version.ts";

/** A registry's host, with port and path where a mirror has them. */
export const registry = z.string().regex(/^[a-z0-9][-a-z0-9.]*(?::\d+)?(?:\/[-a-z0-9._/]+)?$/);
export const registryExpected = "a registry, such as mirror.example.com or mirror.example.com/dockerhub";

export const image = settingsWithDefaults(
  {
    registry: setting(
      registry.default("docker.io"),
      registryExpected,
      "Registry of the Collector's image; `images.registry` replaces it.",
    ),
    repository: setting(
      z
        .string()
        .regex(/^[a-z0-9][-a-z0-9._/]*$/)
        .default("otel/opentelemetry-collector-contrib"),
      "a repository without registry or tag",
      "Repository of an image that holds the Collector with the processors that the configuration uses.",
    ),
    tag: setting(
      z
        .string()
        .regex(/^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$/)
        .optional(),
      `an image tag, such as ${defaultVersion}`,
      `Tag of the image. \`${defaultVersion}\`, which the tests run, where there is neither tag nor digest.`,
    ),
    digest: setting(
      z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/)
        .optional(),
      "a digest: sha256: and 64 hexadecimal digits",
      "Pins the image's content. A tag beside it only says which version that is.",
    ),
  },
  "The Collector's image.",
);
