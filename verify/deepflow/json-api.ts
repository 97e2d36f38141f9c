import { z } from "zod";
import { errorMessage } from "../../components/error-message.ts";

/** Milliseconds that one answer may take. */
const timeoutMs = 30_000;

const status = z.looseObject({ OPT_STATUS: z.string(), DESCRIPTION: z.string().nullish() });

/**
 * The answer of one of DeepFlow's APIs, which all say in OPT_STATUS how it went.
 *
 * @throws Error, a sentence, for everything but success.
 */
export async function askJson<T>(url: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
  const { method = "GET" } = init;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    text = await response.text();
  } catch (error) {
    const { cause } = error as Error;
    throw new Error(`${method} ${url} failed: ${errorMessage(cause ?? error)}.`, { cause: error });
  }
  const body = json(text);
  const said = status.safeParse(body);
  if (!response.ok || said.data?.OPT_STATUS !== "SUCCESS") {
    const why = said.data?.DESCRIPTION || text.trim().slice(0, 300) || "nothing";
    throw new Error(`${method} ${url} answered ${response.status}: ${why}`);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `${method} ${url} answered what is not known here, at ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
