import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test, vi } from "vitest";
import { withServicePrograms } from "../../../local/replay/service-programs.ts";
import type { ServiceInput } from "../../../local/replay/service-spec.ts";
import { freePort, listener, loopback, serviceProgram, type Loopback } from "./loopback.ts";

const calls = [{ to: "cart", call: { variable: "CART" }, port: { number: 80, protocol: "http" } }] as const;

/** The same, noting the socket that programs are told. */
function noting(programs: Loopback): Loopback & { readonly sockets: string[] } {
  const sockets: string[] = [];
  return {
    ...programs,
    sockets,
    control: (method, path, request) => {
      sockets.push((request as { input: ServiceInput }).input.socket);
      return programs.control(method, path, request);
    },
  };
}

test("no program runs any more when the work is done, and nothing is left of it", async () => {
  const programs = noting(loopback());
  const port = await freePort();
  const servicePrograms = [
    serviceProgram("web"),
    serviceProgram("cart", { port: { number: port, protocol: "http" } }),
  ];
  const running = await withServicePrograms(programs, servicePrograms, () =>
    Promise.resolve(programs.running()),
  );
  expect([running, programs.running()]).toEqual([2, 0]);
  expect(programs.sockets.map((socket) => existsSync(dirname(socket)))).toEqual([false, false]);
});

test("work that fails ends all programs", async () => {
  const programs = loopback();
  const work = () => Promise.reject(new Error("Something else went wrong."));
  await expect(
    withServicePrograms(programs, [serviceProgram("web"), serviceProgram("cart")], work),
  ).rejects.toThrow("Something else went wrong.");
  expect(programs.running()).toBe(0);
});

test("an abort ends all programs, also while they start", async () => {
  const programs = loopback();
  const reason = new Error("Ended by SIGINT.");
  const work = () => Promise.reject(new Error("It was replayed."));
  await expect(
    withServicePrograms(programs, [serviceProgram("web")], work, AbortSignal.abort(reason)),
  ).rejects.toBe(reason);
  expect(programs.running()).toBe(0);
});

test("an abort ends all programs, also one that waits for an answer", async () => {
  const interrupted = new AbortController();
  const reason = new Error("Ended by SIGINT.");
  const { server, port } = await listener(() => {
    interrupted.abort(reason);
    return new Promise<number>(() => undefined);
  });
  const programs = loopback({ web: { CART: `127.0.0.1:${port}` } });
  const replayed = withServicePrograms(
    programs,
    [serviceProgram("web", { calls })],
    (tell) => tell("web", "call"),
    interrupted.signal,
  );
  await expect(replayed).rejects.toBe(reason);
  expect(programs.running()).toBe(0);
  server.close();
});

test("a program that does not answer is given up after a while", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { server, port } = await listener(() => {
      vi.advanceTimersByTime(90_000);
      return new Promise<number>(() => undefined);
    });
    const programs = loopback({ web: { CART: `127.0.0.1:${port}` } });
    const servicePrograms = [serviceProgram("web", { calls }), serviceProgram("other")];
    await expect(
      withServicePrograms(programs, servicePrograms, (tell) => tell("web", "call")),
    ).rejects.toThrow("The programs of web did not answer within 90 s.");
    expect(programs.running()).toBe(0);
    server.close();
  } finally {
    vi.useRealTimers();
  }
});

test("a program that ends by itself is told of, with what it said", async () => {
  const programs = loopback();
  // No service spec: the program fails as soon as it reads it.
  const broken = serviceProgram("broken", { calls: null as never, port: { number: 80, protocol: "http" } });
  const replayed = withServicePrograms(programs, [serviceProgram("web"), broken], (tell) =>
    tell("broken", "call"),
  );
  await expect(replayed).rejects.toThrow(
    /^The program of broken in pod broken ended by itself, with 1: [^]*TypeError/,
  );
  expect(programs.running()).toBe(0);
});

test("a pod that no program runs in is told of", async () => {
  const refuse = () => Promise.reject(new Error("Secret db-demo-root does not exist."));
  await expect(
    withServicePrograms({ control: refuse }, [serviceProgram("db")], () => Promise.resolve()),
  ).rejects.toThrow("The program of db in pod db did not run: Secret db-demo-root does not exist.");
});
