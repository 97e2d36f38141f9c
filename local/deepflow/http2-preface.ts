import type { Socket } from "node:net";

/** What a client that knows it talks HTTP/2 sends first (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Hands a fresh connection to the server of the version of HTTP that its first bytes are of, nothing of it
 * read.
 */
export function handOver(socket: Socket, to: { http1: () => void; http2: () => void }): void {
  let head = Buffer.alloc(0);
  const giveUp = (): void => {
    socket.destroy();
  };
  const onData = (bytes: Buffer): void => {
    head = Buffer.concat([head, bytes]);
    const length = Math.min(head.length, preface.length);
    const isPreface = head.subarray(0, length).equals(preface.subarray(0, length));
    if (isPreface && length < preface.length) return;
    socket.off("data", onData).off("end", giveUp).off("error", giveUp);
    socket.pause();
    socket.unshift(head);
    if (isPreface) {
      to.http2();
    } else {
      to.http1();
      socket.resume();
    }
  };
  socket.on("data", onData).on("end", giveUp).on("error", giveUp);
}
