import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { handOver } from "../../../local/deepflow/http2-preface.ts";

/** Who got a connection on which these texts arrive one after the other, and what was there to read. */
async function handedOver(...texts: string[]): Promise<string> {
  const connection = new PassThrough();
  let [version, read] = ["nobody", ""];
  handOver(connection as unknown as Socket, {
    http1: () => {
      version = "HTTP/1";
      connection.on("data", (bytes: Buffer) => (read += bytes.toString()));
    },
    // As Node's session does: what is there already it reads, what follows it has from the socket's handle.
    http2: () => {
      version = "HTTP/2";
      read = String(connection.read());
    },
  });
  for (const text of texts) {
    connection.write(text);
    await new Promise(setImmediate);
  }
  return `${version}: ${read}`;
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

test("HTTP/2 is told by its preface, wherever it is split, and reads it itself", async () => {
  for (let at = 1; at < preface.length; at += 1) {
    expect(await handedOver(preface.slice(0, at), preface.slice(at))).toBe(`HTTP/2: ${preface}`);
  }
  expect(await handedOver(`${preface}frames`)).toBe(`HTTP/2: ${preface}frames`);
});

test("everything else is HTTP/1, also what begins alike, and nothing of it is lost", async () => {
  for (const text of ["GET / HTTP/1.1", "POST / HTTP/1.1", "PRI * HTTP/1.1"]) {
    for (let at = 1; at < text.length; at += 1) {
      expect(await handedOver(text.slice(0, at), text.slice(at))).toBe(`HTTP/1: ${text}`);
    }
  }
});

test("the beginning of a preface alone decides nothing", async () => {
  expect(await handedOver("PRI * HTTP")).toBe("nobody: ");
});
