import { Listr } from "listr2";

/** One step of a longer job, as the screen shows it. */
export interface Step {
  /** What is being made, without a full stop. */
  title: string;
  /** Does it. `report` replaces the line that says how far it is; the returned text says how it ended. */
  run: (report: (text: string) => void) => Promise<string>;
}

/** How often a log that nobody can redraw gets a line, in milliseconds. */
const plainInterval = 15_000;

/**
 * Runs the steps one after another: redrawn in place on a terminal, else as a plain line on stderr now and
 * then.
 */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  if (process.stdout.isTTY) await runOnTerminal(steps);
  else for (const step of steps) await runPlainly(step);
}

async function runOnTerminal(steps: readonly Step[]): Promise<void> {
  const tasks = steps.map((step) => ({
    title: step.title,
    task: async (_: unknown, task: { title: string; output: string }) => {
      const started = Date.now();
      const timed = (text: string) => `${text}, ${duration(Date.now() - started)}`;
      const result = await step.run((text) => (task.output = timed(text)));
      task.title = `${step.title}: ${timed(result)}`;
    },
  }));
  await new Listr(tasks, {
    // Whoever asked for the work knows what Ctrl-C has to clean up, and tells of an error.
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false },
  }).run();
}

async function runPlainly(step: Step): Promise<void> {
  const started = Date.now();
  const say = (text: string) =>
    process.stderr.write(`${step.title}: ${text}, ${duration(Date.now() - started)}\n`);
  let last: string | undefined;
  const timer = setInterval(() => {
    if (last !== undefined) say(last);
  }, plainInterval);
  try {
    const result = await step.run((text) => {
      // The first at once, so that nobody wonders whether anything happens.
      if (last === undefined) say(text);
      last = text;
    });
    say(result);
  } finally {
    clearInterval(timer);
  }
}

/** "48 s" or "3 min 5 s". */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
