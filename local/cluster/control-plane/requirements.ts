import { spawnSync } from "node:child_process";
import { missingGo } from "../toolchain/missing-go.ts";
import { isOnPath, searchPath } from "../toolchain/search-path.ts";
import { toolchainIsBuilt, type CollectorVersions } from "../toolchain/toolchain.ts";
import { networkScript } from "./network.ts";

/**
 * One sentence that says what this machine lacks to run the embedded cluster and what to do, or undefined
 * where it can. It really makes the namespaces, which takes some 50 ms.
 *
 * @param versions the Collectors that it is to run; all by default.
 */
export function missingRequirement(versions?: CollectorVersions): string | undefined {
  if (process.platform !== "linux") {
    return `The embedded cluster needs Linux, and this is ${process.platform}: run it in a Linux virtual machine or container.`;
  }
  return missingPrograms() ?? (toolchainIsBuilt(versions) ? undefined : missingGo()) ?? missingPermission();
}

/**
 * The command that starts a program in namespaces of its own, which all end with it. The program's argv
 * follows.
 */
export function namespaceArgs(): string[] {
  return [
    "unshare",
    ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
    // Only root may do without a user namespace.
    ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
    "--",
  ];
}

function missingPrograms(): string | undefined {
  const advice = (name: string, from: string) =>
    `No \`${name}\` on PATH, which the embedded cluster needs: install the package ${from}.`;
  if (!isOnPath("unshare")) return advice("unshare", "util-linux");
  if (!isOnPath("ip", searchPath())) return advice("ip", "iproute2");
  return undefined;
}

function missingPermission(): string | undefined {
  const [program = "", ...args] = namespaceArgs();
  const trial = spawnSync(program, [...args, "sh", "-c", networkScript], {
    env: { ...process.env, PATH: searchPath() },
    encoding: "utf8",
  });
  if (trial.status === 0) return undefined;
  const said = trial.stderr.trim().replaceAll("\n", "; ");
  const advice =
    process.getuid?.() === 0
      ? "in a container, start it with --privileged"
      : "run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0)";
  return `This user may not make the namespaces of the embedded cluster (\`${namespaceArgs().join(" ")}\` said "${said}"): ${advice}.`;
}
