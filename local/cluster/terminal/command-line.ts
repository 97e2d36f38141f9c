import { InvalidArgumentError } from "commander";
import { errorMessage } from "./error-message.ts";

/**
 * Runs a program of the command line: an error is its sentence on stderr and exit status 1, without a stack.
 */
export async function runCommandLine(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(errorMessage(error));
    process.exitCode = 1;
  }
}

/**
 * Reads an option that is a whole number of `unit`, `least` or more.
 *
 * @throws InvalidArgumentError for anything else.
 */
export function wholeNumber(unit: string, least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least)
      throw new InvalidArgumentError(`Write a whole number of ${unit}, ${least} or more.`);
    return Number(text);
  };
}
