import { z } from "zod";
import { askJson } from "./json-api.ts";

/** A row of an answer, by column. */
export type QueryRow = Readonly<Record<string, string | number>>;

const answer = z.object({
  result: z.object({
    columns: z.array(z.string()),
    values: z.array(z.array(z.union([z.string(), z.number()]))).nullish(),
  }),
});

/**
 * Asks DeepFlow's querier (deepflow `server/querier/router/query.go`).
 *
 * @param url its base URL.
 * @throws Error, a sentence, as `askJson` does.
 */
export async function query(url: string, sql: string): Promise<QueryRow[]> {
  const body = new URLSearchParams({ db: "flow_log", sql });
  // Without the slash at its end it would be another path.
  const { result } = await askJson(`${url}/v1/query/`, answer, { method: "POST", body });
  const { columns, values } = result;
  return (values ?? []).map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ""])),
  );
}
