import { z } from "zod";
import { bool } from "../../schema/primitives.ts";
import { setting, settings } from "../../schema/setting.ts";
import { appHostIp, podIp } from "../k8s-attributes.ts";

/** Attributes by which DeepFlow finds the pod; a fixed value would give every span to one pod. */
const reservedAttributes: readonly string[] = [appHostIp, podIp];

export const resourceAttributes = setting(
  z
    .record(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/)
        .refine((key) => !reservedAttributes.includes(key)),
      setting(z.string(), "a text, in quotes where it looks like something else", "Value of the attribute."),
    )
    .default({}),
  `a map from attribute to text; ${reservedAttributes.join(" and ")} say which pod sent a span and cannot be fixed`,
  "Resource attributes that every span gets, for example `deployment.environment.name`.",
);

export const httpAttributes = setting(
  bool.default(true),
  "Whether spans of HTTP, databases and RPC also get the older attribute names (`http.method`, `db.statement` …), the only ones that DeepFlow reads. Nothing that a span has is changed.",
);

export const sampling = settings(
  {
    percentage: setting(
      z.number().gt(0).lt(100),
      "a percentage greater than 0 and less than 100; leave sampling out to keep everything",
      "Share of traces that are kept, in percent, decided by trace ID: the same for all spans of a trace.",
    ),
  },
  "Probabilistic sampling.",
).optional();
