/**
 * Markup that may stand in a page as it is. Made by `html`, which escapes, or by `trusted`, which does not.
 */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What can be put into markup: text and numbers are escaped, lists are joined, `undefined` leaves nothing.
 */
export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * A template literal whose values are escaped, so that they are read as text wherever an element's content or
 * a **quoted** attribute's value may stand.
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(textOf)));
}

/** Markup from this project's own files. Never for anything that came from outside. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** `text` as HTML and SVG read it back, in content and in quoted attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function textOf(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(textOf).join("");
  return escaped(String(content));
}
