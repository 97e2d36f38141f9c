import { z } from "zod";
import type { ContainerContext } from "../cluster/node/image-programs.ts";
import type { RunningProgram } from "../cluster/node/pod-process.ts";
import { notFound, type Answer } from "./controller-answer.ts";
import type { FlowRow } from "./flow-row.ts";
import { traceOf } from "./flow-tracing.ts";
import { startJsonServer, type JsonServer } from "./json-server.ts";
import type { QuerierOptions } from "./querier.ts";
import { runServers } from "./servers.ts";

/** Port of the Service `deepflow-app`. */
export const appPort = 20418;

/** What a request for a trace has to say (deepflow-app `app/app/models/models.py`, FlowLogL7Tracing). */
const tracingRequest = z.object({
  TIME_START: z.int().min(0),
  TIME_END: z.int().min(0),
  DATABASE: z.string(),
  TABLE: z.string(),
  trace_id: z.string(),
  has_attributes: z.int().default(0),
  MAX_ITERATION: z.int().min(0).default(30),
});

/** deepflow-app as far as it makes a trace out of flow logs (deepflow-app `app/app/application`). */
export function startApp({ rows, ...options }: QuerierOptions): Promise<JsonServer> {
  return startJsonServer({
    ...options,
    answer: ({ method, url, body }) => {
      if (url !== "/v1/stats/querier/L7FlowTracing") return notFound;
      if (method !== "POST") return json(405, "NOT_ALLOW_METHOD", "Method not allowed for URL");
      const asked = tracingRequest.safeParse(parsed(body));
      if (!asked.success) return json(400, "INVALID_POST_DATA", asked.error.message);
      return json(200, "SUCCESS", "", tracing(rows(), asked.data));
    },
  });
}

/** What is to be seen of a deepflow-app pod, at the pod's address. */
export function startDeepflowApp(
  { pod, container }: Pick<ContainerContext, "pod" | "container">,
  rows: () => readonly FlowRow[],
): Promise<RunningProgram> {
  const port = container.ports?.find(({ name }) => name === "app")?.containerPort ?? appPort;
  return runServers([startApp({ address: pod.status?.podIP ?? "", port, rows })]);
}

function tracing(rows: readonly FlowRow[], asked: z.output<typeof tracingRequest>): unknown {
  const inTime = rows.filter(
    ({ endTimeUs }) => endTimeUs >= asked.TIME_START * 1e6 && endTimeUs < (asked.TIME_END + 1) * 1e6,
  );
  const spans = traceOf(inTime, asked.trace_id, asked.has_attributes === 1);
  // Of a trace that is not found there is nothing at all.
  return spans.length === 0 ? {} : { tracing: spans, services: [] };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function json(status: number, optStatus: string, description: string, data?: unknown): Answer {
  const answer = {
    OPT_STATUS: optStatus,
    DESCRIPTION: description,
    ...(data !== undefined && { DATA: data }),
  };
  return { status, contentType: "application/json; charset=utf-8", body: JSON.stringify(answer) };
}
