import { z } from "zod";

const value = z.union([z.boolean(), z.number(), z.string()]);

/** A value that can be managed: what deepflow-agents take for a single setting. */
export type Value = z.output<typeof value>;

const found = z.union([
  z.object({ present: z.literal(true), raw: z.string() }),
  z.object({ present: z.literal(false), parents: z.number() }),
]);

/** What was at a path: its text as it was written, or how many of the maps above it were there. */
export type Found = z.output<typeof found>;

const integration = z.object({
  /** Whether agents take OpenTelemetry data at all. */
  enabled: z.boolean().optional(),
  /** Port that they listen on. */
  listenPort: z.number().optional(),
  /** Whether they keep traces; where they do not, they answer 200 and drop them. */
  traces: z.boolean().optional(),
});

/** What deepflow-agents are to do, as a stack says it; what is left out is not managed. */
export type Integration = z.output<typeof integration>;

const key = integration.keyof();

/** The names of settings, the same for every DeepFlow. */
export type Key = z.output<typeof key>;

const controller = z.object({ host: z.string(), port: z.number(), timeoutSeconds: z.number() });

/** Where the controller is, and how long it may take. */
export type Controller = z.output<typeof controller>;

/**
 * What the program is told. It is looser than the settings that it is made from, because a destroy reads it
 * from a state that an earlier version of the program may have written.
 */
export const programSpec = z.object({
  group: z.union([z.object({ name: z.string() }), z.object({ id: z.string() })]),
  controller,
  transport: z.enum(["deepflow-ctl", "http"]),
  /** Name or path of the tool; looked up when the program runs, so that it is the same in every state. */
  deepflowCtl: z.string(),
  integration,
  /** Where a deepflow-agent should answer afterwards. */
  agentUrl: z.string().optional(),
});

export type ProgramSpec = z.output<typeof programSpec>;

/** A group by its name or its id, and what its agents are to do. */
export type Spec = Pick<ProgramSpec, "group" | "integration">;

/**
 * What `before` prints: what was there before anything was written. Small, and nothing of it is somebody
 * else's.
 */
export const beforeRecord = z.object({
  groupId: z.string(),
  /** Whether the group had a configuration at all. */
  existed: z.boolean(),
  /** The whole text, if it held no keys: `null`, a comment. */
  emptyText: z.string().optional(),
  keys: z.partialRecord(key, found),
});

export type BeforeRecord = z.output<typeof beforeRecord>;

/** What `apply` prints: what was written, for whoever restores it. */
export const written = z.object({ groupId: z.string(), values: z.partialRecord(key, value) });

export type Written = z.output<typeof written>;
