import { errorMessage } from "../cluster/terminal/error-message.ts";
import { notFound, redirect, type Answer } from "./controller-answer.ts";
import type { FlowRow } from "./flow-row.ts";
import { startJsonServer, type JsonServer, type JsonServerOptions } from "./json-server.ts";
import { queryRows } from "./querier-table.ts";

/** Port of the Service `deepflow-server` that leads to the querier. */
export const querierPort = 20416;

export interface QuerierOptions extends Omit<JsonServerOptions, "answer"> {
  /** What is in l7_flow_log now. */
  rows: () => readonly FlowRow[];
}

const path = "/v1/query/";

/**
 * DeepFlow's querier as far as its SQL over flow_log.l7_flow_log is used here (deepflow
 * `server/querier/router`): it takes a form or JSON with `db` and `sql`, and nothing but the forms of its
 * dialect that its own tests have.
 */
export function startQuerier({ rows, ...options }: QuerierOptions): Promise<JsonServer> {
  return startJsonServer({
    ...options,
    answer: ({ method, url, headers, body }) => {
      const [asked = ""] = url.split("?", 1);
      if (method === "POST" && `${asked}/` === path) return redirect(method, path);
      if (method !== "POST" || asked !== path) return notFound;
      const fields = fieldsOf(headers["content-type"] ?? "", body);
      if (fields === undefined) return json(400, "INVALID_POST_DATA", "the body is neither form nor JSON");
      if (fields.db !== "flow_log") return json(400, "RESOURCE_NOT_FOUND", `db ${fields.db} is not found`);
      try {
        return json(200, "SUCCESS", "", { ...queryRows(rows(), fields.sql), schemas: [] });
      } catch (error) {
        return json(500, "FAIL", errorMessage(error));
      }
    },
  });
}

function fieldsOf(contentType: string, body: string): { db: string; sql: string } | undefined {
  if (contentType.startsWith("application/x-www-form-urlencoded")) {
    const form = new URLSearchParams(body);
    return { db: form.get("db") ?? "", sql: form.get("sql") ?? "" };
  }
  try {
    const { db, sql } = JSON.parse(body) as Record<string, unknown>;
    return { db: typeof db === "string" ? db : "", sql: typeof sql === "string" ? sql : "" };
  } catch {
    return undefined;
  }
}

function json(status: number, optStatus: string, description: string, result: unknown = null): Answer {
  const body = JSON.stringify({ OPT_STATUS: optStatus, DESCRIPTION: description, result, debug: null });
  return { status, contentType: "application/json; charset=utf-8", body };
}
