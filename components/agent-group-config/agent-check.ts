/** Milliseconds that a deepflow-agent may take to answer. */
const agentTimeoutMs = 5_000;

/**
 * Looks whether a deepflow-agent listens: `GET /` answers 200 with a PDF, and does nothing else (deepflow
 * `agent/src/integration_collector.rs`). Returns a sentence if it does not. From outside the cluster its name
 * cannot be looked up; that is worth a sentence only when something has `changed`.
 */
export async function isAgentListening(url: string, changed: boolean): Promise<string | undefined> {
  try {
    const response = await fetch(new URL("/", url), { signal: AbortSignal.timeout(agentTimeoutMs) });
    await response.body?.cancel();
    const type = response.headers.get("content-type") ?? "";
    if (response.status === 200 && type.startsWith("application/pdf")) return undefined;
    return `${url} answers ${response.status} ${type}, so that is no deepflow-agent; check the Service and its port.`;
  } catch (error) {
    const { code } = (error as { cause?: { code?: string } }).cause ?? {};
    const fromOutside = code === "ENOTFOUND" || code === "EAI_AGAIN";
    if (fromOutside && !changed) return undefined;
    return fromOutside
      ? `Whether deepflow-agents listen cannot be seen from here; try GET ${url} in a pod, which answers 200 with a PDF once they have restarted.`
      : `${url} does not answer (${code ?? "no answer in time"}): deepflow-agents restart for some minutes after a change; if it stays so, check inputs.integration and the Service.`;
  }
}
