import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout } from "node:timers/promises";
import { apiServerAddress } from "./network.ts";

/** How long to wait between two questions, in milliseconds: nothing announces that an API server is ready. */
const interval = 100;

/**
 * Resolves when the API server, seen from inside the namespace, says that it is ready. Throws the signal's
 * reason.
 */
export async function apiServerReady(certificateAuthority: string, signal: AbortSignal): Promise<void> {
  while (!(await isReady(certificateAuthority, signal))) await setTimeout(interval, undefined, { signal });
}

function isReady(certificateAuthority: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let ca: Buffer;
  try {
    ca = readFileSync(certificateAuthority);
  } catch {
    // kube-apiserver makes its certificate first of all, and has not come to it yet.
    return Promise.resolve(false);
  }
  request({ host: apiServerAddress, port: 443, path: "/readyz", ca, agent: false, signal }, (response) => {
    response.resume();
    response.once("close", () => {
      resolve(response.statusCode === 200);
    });
  })
    .once("error", () => {
      resolve(false);
    })
    .end();
  return promise;
}
