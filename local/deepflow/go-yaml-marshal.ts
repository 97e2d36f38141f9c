/**
 * Text as Go's yaml.v2 writes it: two spaces, lists not indented below their key, the given order of keys. Apart from
 * the reader so that a program that only writes does not load one.
 */
export function marshal(value: unknown): string {
  return isCollection(value) ? lines(value, "") : `${scalar(value, "")}\n`;
}

/** As `marshal`, with the keys of maps in order, which is how a map without an order of its own comes out. */
export function marshalSorted(value: unknown): string {
  return marshal(sorted(value));
}

type Collection = readonly unknown[] | Readonly<Record<string, unknown>>;

function lines(value: Collection, indent: string): string {
  if (isArray(value)) {
    const items = value.map((item) =>
      isCollection(item) ? lines(item, `${indent}  `).slice(indent.length + 2) : `${scalar(item, indent)}\n`,
    );
    return items.map((item) => `${indent}- ${item}`).join("");
  }
  const entries = Object.entries(value).map(([key, item]) => {
    const name = `${indent}${scalar(key, indent)}:`;
    if (isCollection(item)) return `${name}\n${lines(item, isArray(item) ? indent : `${indent}  `)}`;
    return `${name} ${scalar(item, indent)}\n`;
  });
  return entries.join("");
}

/** Whether it takes lines of its own; empty ones do not. */
function isCollection(value: unknown): value is Collection {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function scalar(value: unknown, indent: string): string {
  if (typeof value === "string") return text(value, indent);
  if (typeof value === "object" && value !== null) return isArray(value) ? "[]" : "{}";
  return String(value);
}

const word =
  /^(|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[yY]|[nN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|<<)$/;
const number =
  /^([-+]?(\.\d+|\d[\d_]*(\.\d*)?)([eE][-+]?\d+)?|[-+]?0[xob][\da-fA-F_]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const timestamp = /^\d{4}-\d\d?-\d\d?([Tt\s].*)?$/;
const base60 = /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/;
const notPlain = /^([-?:](\s|$)|[,[\]{}#&*!|>'"%@`]|---|\.\.\.)|^\s|\s$|:(\s|$)|\s#/;

function text(value: string, indent: string): string {
  // What would be read as something else than a string, or cannot be printed, stands in double quotes.
  if ([word, number, timestamp, base60].some((pattern) => pattern.test(value))) return JSON.stringify(value);
  if (/[^\P{C}\n]/u.test(value)) return JSON.stringify(value);
  if (value.includes("\n")) {
    const chomping = value.endsWith("\n") ? "" : "-";
    return `|${chomping}\n${value.replace(/\n$/, "").replace(/^(?=.)/gm, `${indent}  `)}`;
  }
  return notPlain.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
}

function sorted(value: unknown): unknown {
  if (isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
