import { z } from "zod";

const value = z.union([z.boolean(), z.number(), z.string()]);
const found = z.union([
  z.object({ present: z.literal(true), raw: z.string() }),
  z.object({ present: z.literal(false), parents: z.number() }),
]);
const key = z.enum(["enabled", "listenPort", "traces"]);

/** What the program is told. */
export const programSpec = z.object({
  group: z.union([z.object({ name: z.string() }), z.object({ id: z.string() })]),
  controller: z.object({ host: z.string(), port: z.number(), timeoutSeconds: z.number() }),
  transport: z.enum(["deepflow-ctl", "http"]),
  /** Name or path of the tool; looked up when the program runs, so that it is the same in every state. */
  deepflowCtl: z.string(),
  integration: z.object({
    enabled: z.boolean().optional(),
    listenPort: z.number().optional(),
    traces: z.boolean().optional(),
  }),
  /** Where a deepflow-agent should answer afterwards. */
  agentUrl: z.string().optional(),
});

export type ProgramSpec = z.output<typeof programSpec>;

/** What `before` prints. */
export const beforeRecord = z.object({
  groupId: z.string(),
  existed: z.boolean(),
  emptyText: z.string().optional(),
  keys: z.partialRecord(key, found),
});

/** What `apply` prints. */
export const written = z.object({ groupId: z.string(), values: z.partialRecord(key, value) });
