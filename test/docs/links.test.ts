import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import GithubSlugger from "github-slugger";
import MarkdownIt, { type Token } from "markdown-it";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** Every Markdown file of the repository, but for those that are rendered. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((file) => existsSync(join(root, file)) && !file.startsWith("test/goldens/rendered/"));

/** All tokens of a Markdown text, those within a line among them. */
function tokens(text: string): Token[] {
  const flat = (all: Token[]): Token[] => all.flatMap((token) => [token, ...flat(token.children ?? [])]);
  return flat(new MarkdownIt().parse(text, {}));
}

/** What the links and pictures of a Markdown text lead to. */
function targets(text: string): string[] {
  return tokens(text)
    .flatMap((token) => token.attrGet("href") ?? token.attrGet("src") ?? [])
    .map(String);
}

/** The fragments by which GitHub lets one link to a text's headings. */
function fragments(text: string): string[] {
  const slugger = new GithubSlugger();
  const all = tokens(text);
  return all
    .filter((_, index) => all[index - 1]?.type === "heading_open")
    .map(({ children }) => slugger.slug((children ?? []).map(({ content }) => content).join("")));
}

/** What is wrong with the links of a Markdown file; addresses elsewhere are not looked at. */
function brokenLinks(file: string, text: string): string[] {
  return targets(text)
    .filter((target) => !/^[a-z]+:/.test(target))
    .flatMap((target) => {
      const [path = "", fragment] = target.split("#");
      const led = join(root, dirname(file), decodeURI(path));
      if (path !== "" && (relative(root, led).startsWith("..") || !existsSync(led)))
        return [`${target} leads to no file`];
      if (fragment === undefined) return [];
      const found = fragments(path === "" ? text : readFileSync(led, "utf8"));
      return found.includes(fragment) ? [] : [`${target} leads to no heading`];
    });
}

test.each(files)("every link of %s leads to a file and a heading that are there", (file) => {
  expect(brokenLinks(file, readFileSync(join(root, file), "utf8"))).toEqual([]);
});

test("a link that leads nowhere is found, and one that leads somewhere is none", () => {
  const text = [
    "# One *two* `three.four`",
    "[here](#one-two-threefour) [not here](#three)",
    "![picture](missing.png) [up](../README.md) [away](../../etc) [elsewhere](https://example.com/#x)",
    "[settings](settings.md#topology) [no setting](settings.md#colour) `[code](code.md)`",
    "[reference][one]",
    "",
    "[one]: gone.md",
  ].join("\n");
  expect(brokenLinks("docs/x.md", text)).toEqual([
    "#three leads to no heading",
    "missing.png leads to no file",
    "../../etc leads to no file",
    "settings.md#colour leads to no heading",
    "gone.md leads to no file",
  ]);
});
