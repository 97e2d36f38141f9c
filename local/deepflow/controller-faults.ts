import type { ServerResponse } from "node:http";
import { failure, notFound, success } from "./controller-answer.ts";
import type { Answer } from "./controller-answer.ts";

/** What goes wrong instead of, or with, an answer. */
export type Fault =
  /** Another answer; the request has no effect. */
  | { type: "status"; status: number; body: string }
  /** gin's 404. */
  | { type: "notFound" }
  /** No answer at all; the request has no effect. */
  | { type: "hang" }
  /** The connection closes without an answer; the request has no effect. */
  | { type: "close" }
  /** The request takes effect, but half of the answer is missing. */
  | { type: "truncate" }
  /** The request takes effect, but the connection closes without an answer. */
  | { type: "loseAnswer" }
  /** The server is there and its database is not; the request has no effect. */
  | { type: "databaseAway" };

export interface FaultRule {
  fault: Fault;
  /** By default any. */
  method?: string;
  /** Tested against path and query; by default any. */
  path?: RegExp;
  /** How many matching requests it hits, such as `Infinity`; by default one. */
  times?: number;
  /** How many matching requests it lets pass first; by default none. */
  after?: number;
}

/** The fault that the next of the rules has for a request; the rule counts it. */
export function takeFault(rules: FaultRule[], method: string, url: string): Fault | undefined {
  for (const rule of rules) {
    if ((rule.method ?? method) !== method || rule.path?.test(url) === false) continue;
    if ((rule.after ?? 0) > 0) {
      rule.after = (rule.after ?? 0) - 1;
      continue;
    }
    if ((rule.times ?? 1) <= 0) continue;
    rule.times = (rule.times ?? 1) - 1;
    return rule.fault;
  }
  return undefined;
}

/** Whether a request with this fault still does what it is for. */
export function takesEffect(fault: Fault | undefined): boolean {
  return fault === undefined || fault.type === "truncate" || fault.type === "loseAnswer";
}

/**
 * What the server answers while its database is away: there are no groups, in success, because nobody looks
 * at that error (server/controller/http/service/vtap_group.go of deepflowio/deepflow), and the template needs
 * no database.
 */
export function answerWithoutDatabase(method: string, url: string, usual: Answer): Answer {
  if (method === "GET" && url.startsWith("/v1/vtap-groups/")) return success(null);
  if (/\/(template\/yaml|example\/|health\/)$/.test(url)) return usual;
  return failure("dial tcp 10.96.0.30:30130: connect: connection refused");
}

/** Sends the answer, as far as the fault lets it. */
export function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const sent = ({ status, contentType, body: text, location }: Answer): Buffer => {
    const body = Buffer.from(text);
    const headers = { "content-type": contentType, "content-length": body.length };
    response.writeHead(status, location === undefined ? headers : { ...headers, location });
    return body;
  };
  switch (fault?.type) {
    case "hang":
      return;
    case "close":
    case "loseAnswer":
      response.destroy();
      return;
    case "status":
      response.end(sent({ status: fault.status, contentType: "text/plain", body: fault.body }));
      return;
    case "notFound":
      response.end(sent(notFound));
      return;
    case "truncate": {
      const body = sent(answer);
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    }
    case "databaseAway":
    case undefined:
      response.end(sent(answer));
  }
}
