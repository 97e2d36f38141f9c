import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".github", "workflows");

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

describe.each(readdirSync(folder))("%s", (file) => {
  const workflow = load(readFileSync(join(folder, file), "utf8")) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  test("actions are pinned by commit, and leave no token behind", () => {
    const used = steps.filter(({ uses }) => uses !== undefined);
    for (const { uses } of used) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    for (const { uses, with: inputs } of used)
      if (uses?.startsWith("actions/checkout@"))
        expect(inputs).toMatchObject({ "persist-credentials": false });
  });

  test("has no more than it needs: permissions, time, one run at a time", () => {
    expect(workflow.concurrency).toBeDefined();
    for (const [name, job] of jobs) {
      expect(job["timeout-minutes"], name).toBeLessThanOrEqual(60);
      expect(job.permissions ?? workflow.permissions, name).toBeDefined();
    }
  });

  test("a job that may write runs nothing of the project but scripts of its own", () => {
    const writing = jobs.filter(([, { permissions }]) => Object.values(permissions ?? {}).includes("write"));
    for (const [name, job] of writing) {
      const commands = job.steps.flatMap(({ run }) => run ?? []);
      for (const run of commands) expect(run, name).toMatch(/^\.github\/scripts\/[a-z-]+\.sh( [a-z]+)?$/);
    }
  });

  test("its scripts are there, and can be run", () => {
    const scripts = steps.flatMap(({ run }) => /^\.github\/scripts\/\S+/.exec(run ?? "")?.[0] ?? []);
    for (const script of scripts) {
      expect(existsSync(join(root, script)), script).toBe(true);
      expect(statSync(join(root, script)).mode & 0o111, script).not.toBe(0);
    }
  });

  test("nothing of a pull request runs with the rights of the base", () => {
    expect(Object.keys(Object(workflow.on) as object)).not.toContain("pull_request_target");
  });
});
