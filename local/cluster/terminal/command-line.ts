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
