import {
  digest,
  registry,
  registryExpected,
  repository,
  repositoryExpected,
  tag,
} from "../../image-settings.ts";
import { setting, settingsWithDefaults } from "../../schema.ts";
import { defaultVersion } from "../collector-version.ts";

export const image = settingsWithDefaults(
  {
    registry: setting(
      registry.default("docker.io"),
      registryExpected,
      "Registry of the Collector's image; `images.registry` replaces it.",
    ),
    repository: setting(
      repository.default("otel/opentelemetry-collector-contrib"),
      repositoryExpected,
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
