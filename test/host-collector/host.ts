import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { namespaceArgs } from "../../local/cluster/control-plane/requirements.ts";
import { isOnPath, searchPath } from "../../local/cluster/toolchain/search-path.ts";
import type { Span } from "../../local/deepflow/otlp.ts";

/** Programs that a host is made of here, by the packages that have them. */
const programs = {
  sshd: "openssh-server",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  nsenter: "util-linux",
};

/** One sentence that says what this machine lacks to make a host, or `undefined` where it can. */
export function missingForHost(): string | undefined {
  const missing = Object.entries(programs).find(([program]) => !isOnPath(program, searchPath()));
  return missing && `No \`${missing[0]}\` on this machine: install the package ${missing[1]}.`;
}

/** What a command on a host came to. */
export interface Result {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine of its own, as far as namespaces make one, with an SSH server that leads into it. */
export interface Host {
  /** A folder on this machine, which ends with the host. */
  readonly dir: string;
  /** Where its SSH server listens on 127.0.0.1. */
  readonly port: number;
  /** The only user that it lets in: whoever runs the tests, who is root inside. */
  readonly user: string;
  /** Its public key, and one that belongs to no server. */
  readonly hostKey: string;
  readonly otherHostKey: string;
  readonly privateKey: string;
  /** The folder that is `/etc` on the host. */
  readonly etc: string;
  /** What systemctl was asked for since the last time. */
  readonly systemctlCalls: () => string[];
  /** Runs a command over SSH, with a text as its standard input and no variable of the environment. */
  readonly ssh: (command: string, input: string) => Promise<Result>;
  /** Runs a program of this repository on the host. */
  readonly start: (program: string, env: Readonly<Record<string, string>>) => ChildProcess;
  /** Starts the stand-in for a deepflow-agent there; what it takes is added to the list. */
  readonly startDeepflowAgent: () => Promise<readonly Span[]>;
  /** Ends the SSH server, and starts it again. */
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const repository = join(import.meta.dirname, "..", "..");

/** Starts a host. Its `/etc`, processes and loopback are its own; its other files are this machine's. */
export async function startHost(): Promise<Host> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "host-")));
  const [etc, bin, state] = ["etc", "bin", "systemd"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(join(etc, "systemd", "system"), { recursive: true });
  mkdirSync(state);
  for (const file of ["passwd", "group", "nsswitch.conf", "ssl"])
    if (existsSync(join("/etc", file))) cpSync(join("/etc", file), join(etc, file), { recursive: true });
  cpSync(join(import.meta.dirname, "programs"), bin, { recursive: true });

  const machine = await startMachine(etc);
  const inside = ["--target", String(machine.pid), "--net", "--mount", "--pid"];
  const user = process.getuid?.() === 0 ? [] : ["--user"];
  const path = `PATH=${bin}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  const environment = ["env", "-i", path, "HOME=/", `STAND_IN_STATE=${state}`];
  const enter = [...inside, ...user, "--", ...environment];
  const login = join(dir, "login");
  writeFileSync(login, `#!/bin/sh\nexec nsenter ${enter.join(" ")} sh -c "$SSH_ORIGINAL_COMMAND"\n`);
  chmodSync(login, 0o755);

  const [hostKey, otherHostKey, publicKey] = ["host_key", "other_key", "key"].map((name) =>
    newKey(join(dir, name)),
  ) as [string, string, string];
  writeFileSync(join(dir, "authorized_keys"), publicKey);
  const port = await freePort();
  const config = join(dir, "sshd_config");
  // What Debian's sshd accepts from a client's environment is LANG and LC_*; here it is nothing at all.
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(dir, "host_key")}`,
    `AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
    `ForceCommand ${login}`,
    ...["PidFile none", "UsePAM no", "StrictModes no", "PasswordAuthentication no"],
    ...["KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password"],
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const userName = userInfo().username;
  const knownHosts = join(dir, "known_hosts");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);

  let sshd = await startSshd(config, port);
  const children: ChildProcess[] = [];
  let calls = 0;
  const start: Host["start"] = (program, env) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const args = [...enter, ...variables, process.execPath, join(repository, program)];
    const child = spawn("nsenter", args, { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    return child;
  };
  return {
    dir,
    port,
    user: userName,
    hostKey,
    otherHostKey,
    etc,
    privateKey: readFileSync(join(dir, "key"), "utf8"),
    systemctlCalls: () => {
      const all = existsSync(join(state, "calls"))
        ? readFileSync(join(state, "calls"), "utf8").trim().split("\n")
        : [];
      return all.slice(calls, (calls = all.length));
    },
    ssh: (command, input) => {
      const options = ["-F", "none", "-i", join(dir, "key"), "-p", String(port), "-o", "BatchMode=yes"];
      const known = ["-o", `UserKnownHostsFile=${knownHosts}`, "-o", "IdentitiesOnly=yes"];
      return run("ssh", [...options, ...known, `${userName}@127.0.0.1`, command], input);
    },
    start,
    startDeepflowAgent: async () => {
      const spans: Span[] = [];
      const child = start("test/host-collector/programs/deepflow-agent.ts", {});
      const listening = Promise.withResolvers<undefined>();
      let rest = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const said = JSON.parse(line) as Span | { listening: number };
          if ("listening" in said) listening.resolve(undefined);
          else spans.push(said);
        }
      });
      child.once("exit", () => {
        listening.reject(new Error("The deepflow-agent's stand-in ended."));
      });
      await listening.promise;
      return spans;
    },
    away: () => ended(sshd),
    back: async () => {
      sshd = await startSshd(config, port);
    },
    stop: async () => {
      await Promise.all([sshd, machine.process, ...children].map(ended));
      rmSync(dir, { recursive: true });
    },
  };
}

/** A process in namespaces of its own, with which all that runs in them ends. */
async function startMachine(etc: string): Promise<{ process: ChildProcess; pid: number }> {
  const [program = "", ...args] = namespaceArgs();
  // What has lost its parent becomes the first process's child.
  const first = `ip link set lo up && mount --bind '${etc}' /etc && echo ready && while :; do sleep 1; done`;
  const child = spawn(program, [...args, "sh", "-c", first], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: searchPath() },
  });
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(() => {
      throw new Error("The host's namespaces could not be made.");
    }),
  ]);
  const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  return { process: child, pid: Number(pid) };
}

async function startSshd(config: string, port: number): Promise<ChildProcess> {
  // Root's sshd wants an empty folder /run/sshd, which a machine without an SSH server has not.
  const command = `exec "$(command -v sshd)" -D -e -f '${config}'`;
  const withFolder = `mount -t tmpfs none /run && mkdir /run/sshd && ${command}`;
  const [program = "", ...args] =
    process.getuid?.() === 0 ? ["unshare", "--mount", "sh", "-c", withFolder] : ["sh", "-c", command];
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PATH: searchPath() },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  while (!log.includes(`port ${port}`)) {
    if (child.exitCode !== null) throw new Error(`sshd ended at its start:\n${log}`);
    await sleep(20);
  }
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Makes a pair of keys without a password, and returns the public one. */
function newKey(path: string): string {
  const { status, stderr } = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
  if (status !== 0) throw new Error(`ssh-keygen failed: ${stderr.toString()}`);
  return readFileSync(`${path}.pub`, "utf8").trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function run(program: string, args: readonly string[], input: string): Promise<Result> {
  const child = spawn(program, args, { stdio: "pipe", env: { PATH: searchPath() } });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  child.stdin.on("error", () => undefined).end(input);
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, ...output };
}
