import { once } from "node:events";
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { backOffSeconds, isRestarted, runContainer } from "../../../../local/cluster/node/container.ts";
import type { RunningProgram } from "../../../../local/cluster/node/pod-process.ts";

/** Programs that end when the test says so. */
function programs(): {
  launch: () => Promise<RunningProgram>;
  end: (exitCode: number) => void;
  started: EventEmitter;
} {
  const started = new EventEmitter();
  let end: (exitCode: number) => void = () => undefined;
  const launch = (): Promise<RunningProgram> => {
    const { promise: exited, resolve } = Promise.withResolvers<number>();
    end = resolve;
    // Heard only once whoever launches it has it.
    setImmediate(() => started.emit("started"));
    const stop = async (): Promise<void> => {
      resolve(143);
      await exited;
    };
    return Promise.resolve({ pid: 42, exited, stop });
  };
  return {
    launch,
    end: (exitCode) => {
      end(exitCode);
    },
    started,
  };
}

test("a container that ends is started again, and counted", async () => {
  const { launch, end, started } = programs();
  const lines: string[] = [];
  const container = runContainer(launch, "Always", (line) => lines.push(line));
  await once(started, "started");
  expect(container.state()).toEqual({ running: true, pid: 42, restarts: 0 });
  end(1);
  await once(started, "started");
  expect(container.state()).toEqual({ running: true, pid: 42, restarts: 1, lastExitCode: 1 });
  expect(lines).toEqual(["ended with exit code 1"]);
  await container.stop(1);
  expect(container.state()).toEqual({ running: false, restarts: 1, lastExitCode: 143 });
});

test("a container that cannot be started says why, and is stopped during its back-off", async () => {
  const container = runContainer(
    () => Promise.reject(new Error("ConfigMap conf does not exist.")),
    "Always",
    () => undefined,
  );
  await new Promise(setImmediate);
  expect(container.state()).toEqual({ running: false, restarts: 0, error: "ConfigMap conf does not exist." });
  await container.stop(1);
});

test("a container that is stopped while it is being started ends nevertheless", async () => {
  const { launch } = programs();
  const container = runContainer(launch, "Always", () => undefined);
  await container.stop(1);
  expect(container.state()).toMatchObject({ running: false, lastExitCode: 143 });
});

test("the back-off doubles from one second to five minutes", () => {
  expect([1, 2, 3, 4, 9, 10, 50].map(backOffSeconds)).toEqual([1, 2, 4, 8, 256, 300, 300]);
});

test("the restart policy decides", () => {
  expect(isRestarted("Always", 0)).toBe(true);
  expect(isRestarted("OnFailure", 0)).toBe(false);
  expect(isRestarted("OnFailure", 1)).toBe(true);
  expect(isRestarted("Never", 1)).toBe(false);
  expect(isRestarted("Never", undefined)).toBe(true);
});

test("preStop comes before SIGTERM and counts against the grace period, of which two seconds are left at least", async () => {
  const stopped = async (graceSeconds: number, preStopSeconds: number): Promise<[number, number]> => {
    const { promise: exited, resolve } = Promise.withResolvers<number>();
    let left = 0;
    const stop = async (seconds: number): Promise<void> => {
      left = seconds;
      resolve(143);
      await exited;
    };
    const container = runContainer(
      () => Promise.resolve({ pid: 42, exited, stop }),
      "Always",
      () => undefined,
    );
    await new Promise(setImmediate);
    const begun = performance.now();
    await container.stop(graceSeconds, preStopSeconds);
    return [performance.now() - begun, left];
  };
  const [waited, left] = await stopped(30, 1);
  expect(waited).toBeGreaterThanOrEqual(990);
  expect(left).toBe(29);
  expect((await stopped(2.5, 1))[1]).toBe(2);
  expect((await stopped(30, 0))[1]).toBe(30);
});
