import type { ServerResponse } from "node:http";
import { notFound } from "./controller-answer.ts";
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
  | { type: "loseAnswer" };

export interface FaultRule {
  fault: Fault;
  /** By default any. */
  method?: string;
  /** Tested against path and query; by default any. */
  path?: RegExp;
  /** How many matching requests it hits; by default one. */
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

/** Sends the answer, as far as the fault lets it. */
export function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const sent = (answer: Answer): Buffer => {
    const body = Buffer.from(answer.body);
    response.writeHead(answer.status, { "content-type": answer.contentType, "content-length": body.length });
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
    case undefined:
      response.end(sent(answer));
  }
}
