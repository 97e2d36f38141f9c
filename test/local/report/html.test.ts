import fc from "fast-check";
import { expect, test } from "vitest";
import { escaped, html, trusted } from "../../../local/report/html.ts";

test("What is put into markup is read as text", () => {
  const name = `</script><b title='x'>"&amp;`;
  expect(html`<p title="${name}">${name}</p>`.text).toBe(
    '<p title="&#60;/script&#62;&#60;b title=&#39;x&#39;&#62;&#34;&#38;amp;">' +
      "&#60;/script&#62;&#60;b title=&#39;x&#39;&#62;&#34;&#38;amp;</p>",
  );
});

test("Markup in markup stays markup, lists are joined, and what is undefined leaves nothing", () => {
  const items = ["a", "<b>"].map((item) => html`<i>${item}</i>`);
  expect(html`<p>${items}${undefined}${[1, trusted("<br>")]}</p>`.text).toBe(
    "<p><i>a</i><i>&#60;b&#62;</i>1<br></p>",
  );
});

test("Backslashes stay what they are", () => {
  expect(html`<p>${"\\n \\u0041"}</p>`.text).toBe("<p>\\n \\u0041</p>");
});

test("Any text comes back as it was, and holds nothing that ends a text or an attribute", () => {
  const special = fc.constantFrom("<", ">", "&", "'", '"', "#39;", "&amp;", "\u2028", "😀");
  const anyText = fc.array(fc.oneof(special, fc.string())).map((parts) => parts.join(""));
  fc.assert(
    fc.property(anyText, (text) => {
      const safe = escaped(text);
      expect(safe).not.toMatch(/[<>"']/);
      expect(safe.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))).toBe(text);
    }),
  );
});
