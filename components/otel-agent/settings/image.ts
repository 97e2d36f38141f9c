import { digest, registry, repository, tag } from "../../schema/primitives.ts";
import { setting, settingsWithDefaults } from "../../schema/setting.ts";
import { defaultVersion } from "../collector-version.ts";

export const image = settingsWithDefaults(
  {
    registry: setting(
      registry.default("docker.io"),
      "Registry of the Collector's image; `images.registry` replaces it.",
    ),
    repository: setting(
      repository.default("otel/opentelemetry-collector-contrib"),
      "Repository of an image that holds the Collector with the processors that the configuration uses, `transform` among them; the contrib and k8s images do.",
    ),
    tag: setting(
      tag.optional(),
      `an image tag, such as ${defaultVersion}`,
      `Tag of the image. \`${defaultVersion}\`, which the tests run, where there is neither tag nor digest.`,
    ),
    digest,
  },
  "The Collector's image.",
);
