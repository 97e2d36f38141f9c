import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials } from "@grpc/grpc-js";
import { spansPerRequest } from "./bodies.ts";

/** How spans are sent to a Collector. */
export type Protocol = "grpc" | "http";

/** A sender with eight connections, as eight applications have them. */
export interface Senders {
  /** Sends requests at that rate, and returns the number of spans when all of them are answered. */
  readonly send: (bodies: readonly Uint8Array[], spansPerSecond: number, seconds: number) => Promise<number>;
  readonly close: () => void;
}

const connections = 8;

/** @param host the Collector's address. */
export function senders(protocol: Protocol, host: string): Senders {
  const { post, close } = protocol === "grpc" ? grpc(host) : http(host);
  return {
    send: async (bodies, spansPerSecond, seconds) => {
      const start = performance.now();
      const total = Math.round((spansPerSecond * seconds) / spansPerRequest);
      const answers: Promise<void>[] = [];
      while (answers.length < total) {
        const due = ((performance.now() - start) * spansPerSecond) / spansPerRequest / 1000;
        while (answers.length < Math.min(total, due)) {
          answers.push(post(bodies[answers.length % bodies.length] ?? new Uint8Array(), answers.length));
        }
        await sleep(5);
      }
      await Promise.all(answers);
      return total * spansPerRequest;
    },
    close,
  };
}

interface Transport {
  readonly post: (body: Uint8Array, index: number) => Promise<void>;
  readonly close: () => void;
}

function http(host: string): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    post: async (body) => {
      const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
      const sent = request(`http://${host}:4318/v1/traces`, { method: "POST", agent, headers }).end(body);
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      await once(response.resume(), "end");
      if (response.statusCode !== 200) {
        throw new Error(`The Collector answered ${String(response.statusCode)}.`);
      }
    },
    close: () => {
      agent.destroy();
    },
  };
}

function grpc(host: string): Transport {
  const options = { "grpc.use_local_subchannel_pool": 1 };
  const clients = Array.from(
    { length: connections },
    () => new Client(`${host}:4317`, credentials.createInsecure(), options),
  );
  const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  const asItIs = (bytes: Uint8Array) => Buffer.from(bytes);
  return {
    post: (body, index) =>
      new Promise((resolve, reject) => {
        clients[index % connections]?.makeUnaryRequest(method, asItIs, asItIs, body, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    close: () => {
      for (const client of clients) client.close();
    },
  };
}
