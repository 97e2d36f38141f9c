import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runScript, type Call } from "./stub.ts";

/** The value of the output `text`, as GitHub reads it. */
function textOf(output: string): string {
  const match = /^text<<(\S+)\n([^]*)\n\1\n$/.exec(output);
  if (match?.[2] === undefined) throw new Error(`There is no output "text" in: ${output}`);
  return match[2];
}

test("set-output.sh: no text can set another output", () => {
  const { output } = runScript("set-output.sh", [], { args: [import.meta.filename] });
  expect(textOf(output)).toBe(readFileSync(import.meta.filename, "utf8"));
  const again = runScript("set-output.sh", [], { args: [import.meta.filename] });
  expect(again.output.split("\n", 1)).not.toEqual(output.split("\n", 1));
});

describe("manifests-diff.sh", () => {
  const args = ["run", "--silent", "diff", "--", "--all", "--markdown", "HEAD^1"];

  test("the diff is in the summary and the output", () => {
    const call: Call = { program: "npm", args, stdout: "**Stack dev**\n" };
    const { status, output, summary } = runScript("manifests-diff.sh", [call], { args: ["HEAD^1"] });
    expect([status, summary, textOf(output)]).toEqual([0, "**Stack dev**\n", "**Stack dev**\n"]);
  });

  test("a diff that cannot be made fails", () => {
    const call: Call = { program: "npm", args, status: 2 };
    expect(runScript("manifests-diff.sh", [call], { args: ["HEAD^1"] })).toMatchObject({
      status: 2,
      output: "",
    });
  });
});

describe("pulumi-credentials.sh", () => {
  test.each([
    { env: { PULUMI_STACKS: "dev" }, sentence: "neither the secret PULUMI_ACCESS_TOKEN nor" },
    { env: { PULUMI_ACCESS_TOKEN: "x", PULUMI_STACKS: "" }, sentence: "PULUMI_STACKS names no stack" },
  ])("what is missing is said, and nothing fails: $sentence", ({ env, sentence }) => {
    const { status, output, summary, path } = runScript("pulumi-credentials.sh", [], { env });
    expect([status, output, path]).toEqual([0, "found=false\n", ""]);
    expect(summary).toContain(sentence);
  });

  test("a kubeconfig is its owner's alone", () => {
    const env = { PULUMI_BACKEND_URL: "s3://state", PULUMI_STACKS: "dev", KUBECONFIG_CONTENT: "a: 1" };
    const { stdout, output, environment, folder } = runScript("pulumi-credentials.sh", [], { env });
    const file = join(folder, "kubeconfig");
    expect([stdout, output, environment]).toEqual(["", "found=true\n", `KUBECONFIG=${file}\n`]);
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["a: 1\n", 0o600]);
  });

  test("without a kubeconfig the settings say how the cluster is reached", () => {
    const env = { PULUMI_ACCESS_TOKEN: "x", PULUMI_STACKS: "dev" };
    const { output, environment, path, folder } = runScript("pulumi-credentials.sh", [], { env });
    expect([output, environment, path]).toEqual(["found=true\n", "", `${folder}/node_modules/.bin\n`]);
  });
});

const plain = ["--diff", "--non-interactive", "--suppress-progress", "--color", "never"];

describe("pulumi-preview.sh", () => {
  const preview = (stack: string): Call => ({
    program: "pulumi",
    args: ["preview", "--stack", stack, ...plain],
    stdout: `+ of ${stack}\n`,
  });

  test("a preview that fails is shown beside the others, and fails the job", () => {
    const calls = [{ ...preview("dev"), status: 1, stderr: "error: no cluster\n" }, preview("prod")];
    const { status, output, summary } = runScript("pulumi-preview.sh", calls, {
      env: { PULUMI_STACKS: "dev prod" },
    });
    expect(status).toBe(1);
    expect(textOf(output)).toBe(summary);
    expect(summary).toMatch(
      /Stack dev: the preview failed[^]+\+ of dev\nerror: no cluster\n[^]+Stack prod: what Pulumi would do[^]+\+ of prod/,
    );
  });

  test("what is too long for a comment keeps its end", () => {
    const stdout = `${"… a line\n".repeat(20_000)}the end\n`;
    const { status, output } = runScript("pulumi-preview.sh", [{ ...preview("dev"), stdout }], {
      env: { PULUMI_STACKS: "dev" },
    });
    const text = textOf(output);
    expect([status, text.length < 65_000]).toEqual([0, true]);
    expect(text).toMatch(/has all of it\)\n… a line\n[^]+the end\n~~~/);
  });
});

describe("comment.sh", () => {
  const comments = "repos/owner/name/issues/5/comments";
  const marker = "<!-- deepflow-otel: pulumi -->";
  const mine = `.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("${marker}"))) | .id`;
  const list = (stdout: string): Call => ({
    program: "gh",
    args: ["api", "--paginate", comments, "--jq", mine],
    stdout,
  });
  const write = (...target: string[]): Call => ({
    program: "gh",
    args: ["api", "--method", ...target, "--field", "body=@file", "--silent"],
  });
  const comment = (body: string, calls: readonly Call[]) =>
    runScript("comment.sh", calls, { args: ["pulumi"], env: { PULL_REQUEST: "5", BODY: body } });

  test("the first one is made", () => {
    const { status, bodies } = comment("$(id) `x`\n", [list(""), write("POST", comments)]);
    expect([status, bodies[1]]).toEqual([0, `${marker}\n$(id) \`x\`\n\n`]);
  });

  test("the next one replaces it", () => {
    const calls = [list("11\n12\n"), write("PATCH", "repos/owner/name/issues/comments/11")];
    expect(comment("x", calls).status).toBe(0);
  });

  test("without a text there is none", () => {
    expect(comment("", []).stdout).toBe("No comment: there is nothing to say of pulumi.\n");
  });

  test("a list that cannot be had is not an empty one", () => {
    expect(comment("x", [{ ...list(""), status: 1 }]).status).toBe(1);
  });
});

describe("drift-check.sh", () => {
  const check = (stack: string): Call => ({
    program: "pulumi",
    args: ["preview", "--stack", stack, "--expect-no-changes", "--refresh", ...plain],
  });
  const drift = {
    status: 7,
    stdout: "~ spec\n",
    stderr: "error: no changes were expected for preview but changes were proposed\n",
  };
  const env = { PULUMI_STACKS: "dev prod" };

  test("no drift is an empty text", () => {
    const { status, output } = runScript("drift-check.sh", [check("dev"), check("prod")], { env });
    expect([status, output]).toEqual([0, ""]);
  });

  test("drift of one stack is its log", () => {
    const calls = [check("dev"), { ...check("prod"), ...drift }];
    const { status, output } = runScript("drift-check.sh", calls, { env });
    expect(status).toBe(0);
    expect(textOf(output)).toMatch(/^<details>\n<summary>Stack prod: [^]+~ spec\n/);
    expect(textOf(output)).not.toContain("Stack dev");
  });

  test("what cannot be compared is no drift, and not none either", () => {
    const calls = [
      { ...check("dev"), status: 1, stderr: "error: connection refused, no changes\n" },
      check("prod"),
    ];
    const { status, output, stdout } = runScript("drift-check.sh", calls, { env });
    expect([status, output]).toEqual([1, ""]);
    expect(stdout).toContain("Stack dev could not be compared:\nerror: connection refused, no changes\n");
  });
});

describe("drift-issue.sh", () => {
  const gh = (args: string[], stdout = ""): Call => ({ program: "gh", args, stdout });
  const list = (stdout: string) =>
    gh(
      // prettier-ignore
      ["issue", "list", "--app", "github-actions", "--label", "drift", "--state", "open", "--limit", "100", "--json", "number", "--jq", "sort_by(.number) | .[].number"],
      stdout,
    );
  const close = (number: string, reason: string, comment: string) =>
    gh(["issue", "close", number, "--reason", reason, "--comment", comment]);
  const gone = "No drift any more: https://github.com/owner/name/actions/runs/7";
  const issue = (body: string, calls: readonly Call[]) =>
    runScript("drift-issue.sh", calls, { env: { BODY: body } });

  test("the first drift opens an issue", () => {
    const title = "Drift: a cluster is not as its stack says";
    const { status, bodies } = issue("what differs", [
      list(""),
      // prettier-ignore
      gh(["label", "create", "drift", "--force", "--color", "D93F0B", "--description", "A cluster is not as its stack says"]),
      gh(["issue", "create", "--title", title, "--label", "drift", "--body-file", "-"]),
    ]);
    expect(status).toBe(0);
    expect(bodies[2]).toMatch(/\(\[run\]\(https:[^]+\nwhat differs\n$/);
  });

  test("more drift updates it, and one that is open beside it is closed", () => {
    const { status, bodies } = issue("what differs", [
      list("3\n8\n"),
      gh(["issue", "edit", "3", "--body-file", "-"]),
      close("8", "not planned", "The same as #3."),
    ]);
    expect([status, bodies[1]?.endsWith("what differs\n")]).toEqual([0, true]);
  });

  test("no drift closes it", () => {
    expect(issue("", [list("3\n"), close("3", "completed", gone)]).status).toBe(0);
  });

  test("no drift and no issue is nothing to do", () => {
    expect(issue("", [list("")]).status).toBe(0);
  });

  test("a list that cannot be had opens nothing", () => {
    expect(issue("what differs", [{ ...list(""), status: 1 }]).status).toBe(1);
  });
});
