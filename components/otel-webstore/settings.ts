import { z } from "zod";
import { demoSettings } from "../demo/settings.ts";
import { tag } from "../schema/primitives.ts";
import { inWords, rule, setting, settings } from "../schema/setting.ts";

/** Where the images come from. */
export const imageSetNames = ["v0.1.0-alpha", "documents"] as const;

export type ImageSetName = (typeof imageSetNames)[number];

/** Settings of the OTel WebStore (`deepflow-otel:otelWebStore`). */
export const otelWebStoreSettings = settings(
  {
    ...demoSettings("deepflow-otel-grpc-demo"),
    imageSet: setting(
      z.enum(imageSetNames).default("v0.1.0-alpha"),
      `one of ${imageSetNames.join(", ")}`,
      "`v0.1.0-alpha`: upstream's release with the documents' diagram, its cart from v0.2.0-alpha. `documents`: the images of the documents' manifest, which have no tag but `latest`.",
    ),
    imageTag: setting(
      tag.optional(),
      "an image tag; latest, if you accept that its content may change",
      "Tag of all images of the set `documents`; needed there, and only there.",
    ),
  },
  "The OTel WebStore; deployed if this is there.",
)
  .refine(
    ...rule<{ imageSet?: unknown; imageTag?: unknown }>(
      ["imageTag"],
      ({ imageSet, imageTag }) => imageSet !== "documents" || imageTag !== undefined,
      () =>
        "imageSet documents needs it: its images have no tag but latest; write latest if you accept that their content may change, or another imageSet",
    ),
  )
  .refine(
    ...rule<{ imageSet?: unknown; imageTag?: unknown }>(
      ["imageTag"],
      ({ imageSet, imageTag }) => imageSet === "documents" || imageTag === undefined,
      ({ imageSet }) =>
        `imageSet ${inWords(imageSet ?? "v0.1.0-alpha")} has its own tags; leave it out, or write services.<name>.image.tag for single services`,
    ),
  );

export type OtelWebStoreSettings = z.output<typeof otelWebStoreSettings>;
