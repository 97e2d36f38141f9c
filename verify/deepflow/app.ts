import { z } from "zod";
import { askJson } from "./json-api.ts";
import type { TimeRange } from "./queries.ts";

const text = z.string().nullish();

/** A span as deepflow-app returns it (deepflow-app `app/app/application/l7_flow_tracing.py`). */
const tracingSpan = z.object({
  id: z.number(),
  /** -1 for a root. */
  parent_id: z.number(),
  signal_source: z.number(),
  tap_side: z.string(),
  /** Microseconds since 1970. */
  start_time_us: z.number(),
  end_time_us: z.number(),
  endpoint: text,
  request_type: text,
  request_resource: text,
  response_status: z.number().nullish(),
  l7_protocol_str: text,
  app_service: text,
  auto_instance: text,
  ip: text,
  attribute: z.unknown(),
});

export type TracingSpan = z.output<typeof tracingSpan>;

const answer = z.object({ DATA: z.object({ tracing: z.array(tracingSpan).optional() }).nullish() });

/**
 * The spans of all sources that DeepFlow puts into one trace, which is what Grafana draws; none where it does
 * not find it.
 *
 * @param url deepflow-app's base URL.
 * @throws Error, a sentence, as `askJson` does.
 */
export async function traceOf(url: string, traceId: string, { from, to }: TimeRange): Promise<TracingSpan[]> {
  const asked = {
    TIME_START: from,
    TIME_END: to,
    DATABASE: "flow_log",
    TABLE: "l7_flow_log",
    trace_id: traceId,
    has_attributes: 1,
    MAX_ITERATION: 30,
  };
  const { DATA } = await askJson(`${url}/v1/stats/querier/L7FlowTracing`, answer, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  return DATA?.tracing ?? [];
}
