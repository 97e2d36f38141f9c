import { z } from "zod";
import { askJson } from "./json-api.ts";

const answer = z.object({
  DATA: z
    .array(
      z.object({
        NAME: z.string(),
        STATE: z.number(),
        VTAP_GROUP_NAME: z.string().nullish(),
        EXCEPTIONS: z.array(z.number()).nullish(),
      }),
    )
    .nullish(),
});

/** An agent as `deepflow-ctl agent list` tells of it. */
export interface ListedAgent {
  readonly name: string;
  readonly state: number;
  readonly group: string;
  /** Bits of deepflow `message/agent.proto`, Exception. */
  readonly exceptions: readonly number[];
}

/**
 * The agents that DeepFlow's controller knows (deepflow `cli/ctl/agent.go`).
 *
 * @param url the controller's base URL.
 * @throws Error, a sentence, as `askJson` does.
 */
export async function listAgents(url: string): Promise<ListedAgent[]> {
  const { DATA } = await askJson(`${url}/v1/vtaps/`, answer);
  return (DATA ?? []).map(({ NAME, STATE, VTAP_GROUP_NAME, EXCEPTIONS }) => ({
    name: NAME,
    state: STATE,
    group: VTAP_GROUP_NAME ?? "",
    exceptions: EXCEPTIONS ?? [],
  }));
}
