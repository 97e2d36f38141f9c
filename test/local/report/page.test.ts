import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DemoReport } from "../../../local/report/demo-report.ts";
import { page } from "../../../local/report/page.ts";
import { spanOf } from "./sample-trace.ts";
import { context, webShop, webStore } from "./sample.ts";

/** What stands in the page between two texts, the first time that they do. */
function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  expect(from, `"${start}" stands in the page`).toBeGreaterThan(-1);
  return text.slice(from, text.indexOf(end, from));
}

function rows(text: string): string[] {
  return between(text, "<ol>", "</ol>").split("<li").slice(1);
}

test("The verdict stands before everything else", () => {
  const right = page([webShop(), webStore()], context);
  expect(between(right, "<main>", "Spring Boot WebShop")).toContain("✓ Every edge and every span is right.");

  const problems = ["svc-user → db-demo: no span shows it.", "svc-item: nothing arrived."];
  const wrong = page([webStore(), { ...webShop(), problems }], context);
  const verdict = between(wrong, "<main>", "</section>");
  expect(verdict).toContain("✗ 2 problems");
  expect(verdict).toContain("<b>Spring Boot WebShop</b>: svc-user → db-demo: no span shows it.");
  expect(wrong).not.toContain("is right.");
});

test("A page without demos does not say that all is right", () => {
  expect(page([], context)).not.toContain("is right.");
});

test("A demo without spans says so and has no waterfall", () => {
  const text = page([{ ...webShop(), trace: [] }], context);
  expect(text).toContain("No span arrived, so there is nothing to draw.");
  expect(text).not.toContain("<ol>");
});

test("The page runs its own script only, and loads nothing", () => {
  const text = page([webShop(), webStore()], context);
  const scripts = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = ""]) => script);
  expect(scripts).toHaveLength(1);
  const hashes = scripts.map((script) => createHash("sha256").update(script).digest("base64"));
  expect(text).toContain(`default-src &#39;none&#39;`);
  expect(text).toContain(`script-src &#39;sha256-${hashes.join()}&#39;`);
  expect(text).not.toMatch(/<(link|img|iframe|base|object|embed)\b|\bsrc=|url\(|@import/);
});

test("Every span of the trace is a row in its service's colour, and an error is told in words", () => {
  const { trace, services } = webStore();
  const drawn = rows(page([webStore()], context));
  expect(drawn).toHaveLength(trace.length);
  for (const { name, serviceName, language } of services.filter((one) => one.serviceName !== undefined)) {
    const own = drawn.filter((row) => row.includes(`<b>${serviceName ?? ""}</b>`));
    expect(own.length).toBeGreaterThan(0);
    expect(own.every((row) => row.includes(`data-language="${language}" data-service="${name}"`))).toBe(true);
  }
  const failed = trace.filter(({ statusCode }) => statusCode === "ERROR").length;
  expect(drawn.filter((row) => row.includes("✗ error"))).toHaveLength(failed);
});

test("A trace in which no time passes is drawn at its beginning", () => {
  const [row] = rows(page([{ ...webShop(), trace: [spanOf({ ms: 0 })] }], context));
  expect(row).toContain('style="--depth: 0; --start: 0%; --width: 0%"');
});

test("Only what is instrumented has numbers in the table; what is wrong with a service stands below it", () => {
  const { services, ...rest } = webShop();
  const problem = "One span has the Collector's <address>.";
  const wrong = services.map((one) => (one.name === "svc-item" ? { ...one, problem } : one));
  const text = between(page([{ ...rest, services: wrong }], context), "<tbody>", "</tbody>");
  expect(text.match(/class="number"/g)).toHaveLength(10);
  expect(text.match(/✓ right/g)).toHaveLength(4);
  expect(text.match(/✗ wrong/g)).toHaveLength(1);
  expect(text).toContain("One span has the Collector&#39;s &#60;address&#62;.");
});

test("No text of spans and clusters is read as markup", () => {
  // What is no free text: closed sets, numbers, and ids by which spans find each other.
  const kept = /^(state|kind|statusCode|\w+Nano|\w*[sS]panId)$/;
  const withText = (demoReport: DemoReport, text: string): DemoReport =>
    JSON.parse(JSON.stringify(demoReport), (key, value: unknown) =>
      typeof value === "string" && !kept.test(key) ? value + text : value,
    ) as DemoReport;
  const structure = (demoReport: DemoReport): string => page([demoReport], context).replace(/[^<>"]/g, "");
  const plain = structure(webShop());
  const hostile = fc.array(
    fc.constantFrom(
      "</script>",
      "<!--",
      "-->",
      "]]>",
      "<",
      ">",
      '"',
      "'",
      "&",
      "&quot;",
      "\0",
      "\u2028",
      "a",
    ),
  );
  fc.assert(
    fc.property(hostile, (parts) => {
      expect(structure(withText(webShop(), parts.join("")))).toBe(plain);
    }),
    { numRuns: 30, examples: [[["</script><script>alert(1)</script>"]], [['" onload="alert(1)']]] },
  );
});
