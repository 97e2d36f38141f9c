/**
 * One HTML file that needs nothing else: no other file, no network, and to be read not even its script, which
 * only adds what a pointer shows.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dateAndTime } from "./format.ts";
import { html, trusted, type Content } from "./html.ts";

const style = ["page.css", "table.css", "graph.css", "waterfall.css"].map(browserFile).join("\n");
const script = browserFile("page.js");

// Not in the template, whose layout is free to change: the policy's hash is of every character between the
// tags.
const scriptElement = trusted(`<script>${script}</script>`);

// Even if something slipped through the escaping, a browser would neither run nor load it.
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
].join("; ");

/** What a page shows. */
export interface HtmlPage {
  /** Follows the project's name in the heading. */
  readonly title: string;
  /** Stands below it, before the time. */
  readonly about: Content;
  readonly generatedAt: Date;
  readonly content: Content;
}

/** The page as the text of a file. */
export function htmlPage({ title, about, generatedAt, content }: HtmlPage): string {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>deepflow-otel: ${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>deepflow-otel: ${title}</h1>
          <p class="quiet">
            ${about}
            <time datetime="${generatedAt.toISOString()}">${dateAndTime(generatedAt)}</time>
          </p>
        </header>
        <main>${content}</main>
        ${scriptElement}
      </body>
    </html>`;
  return `${text}\n`;
}

function browserFile(name: string): string {
  return readFileSync(new URL(`browser/${name}`, import.meta.url), "utf8");
}
