/** What somebody reads of what was thrown: an Error's message, and of anything else its text. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
