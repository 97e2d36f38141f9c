import { z } from "zod";
import { setting } from "../../schema/setting.ts";

/** `type` or `type/name`, as the Collector's file has it. */
const componentName = /^[a-z][a-z0-9_]*(?:\/[A-Za-z0-9_.-]+)?$/;

/** A component's own configuration, which only the Collector can judge; nothing at all is its defaults. */
const component = setting(
  z.record(z.string(), z.unknown()).nullable(),
  "a map, the component's configuration as the Collector's file has it",
  "Configuration of a component.",
);

export const processors = setting(
  z.record(z.string().regex(componentName), component).default({}),
  "a map from a processor's name (type or type/name) to its configuration",
  "Processors of your own, in the order of their names: after `app.host.ip` is set, and before what DeepFlow reads is made of what they leave.",
);

export const exporters = setting(
  z.record(z.string().regex(componentName), component).default({}),
  "a map from an exporter's name (type or type/name) to its configuration",
  "Exporters of your own beside DeepFlow's, for example to a second backend. Take passwords from `secretEnv` by `${env:NAME}`.",
);
