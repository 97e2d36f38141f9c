import { findingOf } from "../finding.ts";
import { podsOf } from "../pods.ts";
import type { Rule } from "../rule.ts";

/** An image has a digest, or a tag other than `latest`: the same manifest must be the same program. */
export const imageTag: Rule = ({ objects }) =>
  podsOf(objects).flatMap(({ object, containers }) =>
    containers.flatMap(({ name, image = "" }) => {
      if (image.includes("@sha256:")) return [];
      // A colon before the last slash belongs to the registry's port.
      const tag = /:([^/:]+)$/.exec(image)?.[1];
      if (tag !== undefined && tag !== "latest") return [];
      const problem = `Its image ${image} ${tag === undefined ? "has no tag" : "has the tag latest"}.`;
      const advice = "Set a tag that names a version, or a digest, in the stack's image settings.";
      return [findingOf("image-tag", object, problem, advice, `container ${name}`)];
    }),
  );
