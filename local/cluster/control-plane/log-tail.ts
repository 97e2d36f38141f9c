import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The end of a log file as the end of an error message. */
export function logTail(file: string): string {
  const lines = lastLines(file, 12);
  return lines === "" ? `There is nothing in ${file}.` : `The end of ${file}:\n${lines}`;
}

function lastLines(file: string, count: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return "";
  }
  try {
    // A line of klog is short; a log may have grown long.
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, 16_384));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8").trimEnd().split("\n").slice(-count).join("\n");
  } finally {
    closeSync(descriptor);
  }
}
