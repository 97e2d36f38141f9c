import { z } from "zod";
import type { Image } from "../image.ts";
import {
  bool,
  digest,
  dnsLabel,
  dnsSubdomain,
  quantity,
  quantityThat,
  registry,
  repository,
  tag,
} from "../schema/primitives.ts";
import { setting, settings, settingsWithDefaults } from "../schema/setting.ts";
import type { Demo, Services, Table } from "./table.ts";

/** What a stack may replace of an image. */
export const imageOverride = settings(
  {
    registry: setting(registry.optional(), "Registry; `images.registry` replaces it."),
    repository: setting(repository.optional(), "Repository of the image."),
    tag: setting(tag.optional(), "an image tag", "Tag of the image."),
    digest,
  },
  "Parts of an image that replace the table's.",
);

const serviceOverride = settings(
  {
    image: imageOverride.optional(),
    memory: setting(
      quantityThat(({ isWholeMebibytes }) => isWholeMebibytes).optional(),
      "a whole number of mebibytes, such as 512Mi or 1Gi",
      "Memory of the service; a JVM's heap follows from it.",
    ),
  },
  "What replaces the table's values for a service.",
);

/** Settings that every demo has. */
export function demoSettings(namespace: string) {
  return {
    namespace: setting(dnsLabel.default(namespace), "Namespace of the demo, which it owns."),
    frontEndType: setting(
      z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).default("ClusterIP"),
      "ClusterIP, NodePort or LoadBalancer",
      "Type of the front end's Service. Other than `ClusterIP` it is open to whoever reaches a node or the load balancer.",
    ),
    loadGenerator: settingsWithDefaults(
      {
        replicas: setting(
          z.int().min(0).max(100).default(1),
          "a whole number from 0 to 100",
          "Pods of the load generator.",
        ),
        users: setting(
          z.int().min(1).max(10_000).default(1),
          "a whole number from 1 to 10000",
          "Simulated users per pod; each makes a request every 1 to 10 seconds.",
        ),
      },
      "The load generator.",
    ),
    services: setting(
      z.record(dnsLabel, serviceOverride).default({}),
      "a map from a service's name to its image and memory",
      "Other images (`image`: `registry`, `repository`, `tag`, `digest`) or memory (`memory`) for single services.",
    ),
    architecture: setting(
      z.enum(["amd64", "arm64", "any"]).optional(),
      "amd64, arm64 or any",
      "Architecture of the nodes that the demo's pods run on; `any` for images that are mirrored for several, or nodes that emulate. Left out, images that are known to be built for one run there.",
    ),
    persistence: settings(
      {
        size: setting(quantity.prefault("1Gi"), "a quantity, such as 1Gi", "Size of each volume."),
        storageClass: setting(
          dnsSubdomain.optional(),
          "the name of a StorageClass",
          "Class of the volumes; the cluster's default where it is left out. Another class means other volumes, which are empty.",
        ),
      },
      "Volumes for what the demo stores; without them its data ends with its pods.",
    ).optional(),
    allServicesTraced: setting(
      bool.default(false),
      "Whether a service whose SDK cannot send to the destination is an error. Otherwise it is only listed.",
    ),
  };
}

/** A demo's settings with their defaults. */
export type DemoSettings = z.output<z.ZodObject<ReturnType<typeof demoSettings>>>;

/**
 * A table with a stack's settings in it. The architecture is one for a demo, because what changes it is: a
 * cluster's nodes, or a mirror. It also puts back what is lost where a digest pins an image that was known.
 */
export function applySettings(table: Table, settings: DemoSettings): Demo {
  const { namespace, frontEndType, persistence, allServicesTraced, architecture } = settings;
  const services = Object.entries(table.services).map(([name, service]) => {
    const { image: override = {}, memory } = settings.services[name] ?? {};
    const image = {
      ...overriddenImage(service.image, override),
      ...(architecture && { architecture: architecture === "any" ? undefined : architecture }),
    };
    return [name, { ...service, image, ...(memory && { memoryMib: memory.mebibytes }) }];
  });
  const applied = Object.fromEntries(services) as Services;
  return { ...table, services: applied, namespace, frontEndType, persistence, allServicesTraced };
}

/**
 * An image with some of its parts replaced. A digest replaces the tag too: the table's tag would say a
 * version that the digest need not have. So does another repository: nothing is known of its tags. What is
 * known of an image ends with its tag; of another registry, a mirror of the same image, it stays.
 */
export function overriddenImage(image: Image, override: z.output<typeof imageOverride>): Image {
  const given = Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined));
  const { registry, repository, tag } = image;
  if (override.digest !== undefined || override.repository !== undefined)
    return { registry, repository, ...given };
  return override.tag === undefined ? { ...image, ...given } : { registry, repository, tag, ...given };
}
