/**
 * The process outside that a cluster depends on: it makes the namespaces, leads loopback ports to the API
 * server and to published Services in them, and writes down where it all is. It ends with the supervisor, and
 * the supervisor with it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { logTail } from "../control-plane/log-tail.ts";
import { namespaceArgs } from "../control-plane/requirements.ts";
import { errorMessage } from "../terminal/error-message.ts";
import { tryLock } from "../toolchain/lock.ts";
import { stopMessage, type LaunchOptions, type Report, type SuperviseOptions } from "./messages.ts";
import { processId } from "./process-id.ts";
import { startRelay } from "./relay.ts";
import {
  publishedSocket,
  removeSockets,
  removeState,
  runLock,
  sockets,
  writeState,
  type State,
} from "./state.ts";

/** How long the supervisor may take to stop in order. */
const stopTimeoutMs = 4500;

async function launch(options: LaunchOptions): Promise<void> {
  if ((await tryLock(runLock(options.dir))) === undefined) {
    throw new Error(`Another process already runs the cluster of ${options.dir}.`);
  }
  const host = "127.0.0.1";
  const { api } = sockets(options.socketDir);
  const relay = await startRelay({ host, port: 0 }, { path: api });
  const publishedRelays = await Promise.all(
    options.publish.map((_, index) =>
      startRelay({ host, port: 0 }, { path: publishedSocket(options.socketDir, index) }),
    ),
  );

  const [unshare = "", ...args] = namespaceArgs();
  const supervisor = join(import.meta.dirname, "supervisor.ts");
  const child = spawn(unshare, [...args, process.execPath, supervisor, options.name], {
    // unshare passes the IPC channel on to the supervisor, as it does every open file.
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const namespace = processId(child.pid ?? 0);
  const launcher = processId(process.pid);
  if (namespace === undefined || launcher === undefined) {
    throw new Error(`\`${unshare}\` could not be started.`);
  }
  const state: State = {
    name: options.name,
    launcher,
    namespace,
    apiServer: `https://${host}:${relay.port}`,
    published: Object.fromEntries(
      options.publish.map((service, index) => [service, { host, port: publishedRelays[index]?.port ?? 0 }]),
    ),
    socketDir: options.socketDir,
    toolchain: options.toolchain,
    ready: false,
  };
  writeState(options.dir, state);
  child.send({ ...options, apiPort: relay.port } satisfies SuperviseOptions);

  const end = { asked: false, reported: false };
  const stop = () => {
    if (end.asked) return;
    end.asked = true;
    if (child.connected) child.send(stopMessage);
    setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs).unref();
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
  process.on("disconnect", () => {
    if (options.tied || !state.ready) stop();
  });
  // It may have gone while nobody listened.
  if (!process.connected) stop();

  child.on("message", (report: Report) => {
    if (report.type === "ready") {
      state.ready = true;
      writeState(options.dir, state);
    } else end.reported = true;
    tell(report);
  });
  // Only when the channel is closed, too, has every report been read.
  const [[code, signal]] = (await Promise.all([once(child, "exit"), once(child, "disconnect")])) as [
    [number | null, string | null],
    [],
  ];
  for (const each of [relay, ...publishedRelays]) each.close();
  removeSockets(options.dir, options.socketDir);
  if (end.asked) {
    rmSync(options.dir, { recursive: true, force: true, maxRetries: 5 });
    return;
  }
  // The logs stay, for whoever wants to know why.
  removeState(options.dir);
  const how = signal ?? `exit status ${String(code)}`;
  if (!end.reported) {
    const log = join(options.dir, "log", "supervisor.log");
    throw new Error(`The supervisor of the cluster ended with ${how}. ${logTail(log)}`);
  }
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}

process.once("message", (options: LaunchOptions) => {
  launch(options).then(
    () => process.exit(0),
    (error: unknown) => {
      const message = errorMessage(error);
      console.error(message);
      if (process.connected)
        process.send?.({ type: "failed", message } satisfies Report, () => process.exit(1));
      else process.exit(1);
    },
  );
});
