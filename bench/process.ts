import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/**
 * CPU time of a process in seconds, to the nanosecond: what its threads have run. `stat` counts in hundredths
 * of a second, which two seconds of load are too short for.
 */
export function cpuSeconds(pid: number): number {
  const folder = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(folder).map((thread) => {
    const [ran = "0"] = readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ");
    return Number(ran);
  });
  return nanoseconds.reduce((sum, ran) => sum + ran, 0) / 1e9;
}

/** Resident memory of a process, in MiB. */
export function rssMib(pid: number): number {
  const [, kib = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

/** The most memory that a process has had resident since it was asked last, in MiB. */
export function peakRssMib(pid: number): number {
  const [, kib = "0"] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  // Begins a new peak (proc(5), clear_refs).
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return Number(kib) / 1024;
}
