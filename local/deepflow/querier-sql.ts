/** Compares a column with a literal. */
export interface Comparison {
  readonly column: string;
  readonly operator: "=" | "!=" | ">=" | "<=" | ">" | "<";
  readonly literal: string | number;
}

export type Condition =
  Comparison | { readonly and: readonly Condition[] } | { readonly or: readonly Condition[] };

/** What is selected: a column, or how many rows there are. */
export type Selected = { readonly column: string } | { readonly count: string };

export interface Query {
  readonly select: readonly Selected[];
  readonly table: string;
  readonly where?: Condition;
  readonly groupBy: readonly string[];
  readonly limit: number;
}

/** What the querier appends where a query says nothing. */
const defaultLimit = 10_000;

/** `'text'`, `` `column` ``, a number, an operator or punctuation mark, a word. */
const token = /\s*('[^'\\]*'|`[^`]+`|\d+|[<>!]=|[=<>(),]|[A-Za-z_]\w*)/y;

/**
 * Reads a query of the dialect as far as it is known to be spoken: columns and `Count(row) AS name` of one
 * table, WHERE of comparisons with literals, AND, OR and parentheses, GROUP BY, LIMIT (deepflow
 * `server/querier/engine/clickhouse/clickhouse_test.go`).
 *
 * @throws Error, a sentence, for everything else.
 */
export function parseQuery(sql: string): Query {
  const tokens = tokensOf(sql);
  let at = 0;
  const peek = (): string => tokens[at] ?? "the end";
  const isWord = (word: string): boolean => peek().toUpperCase() === word;
  const unexpected = (): Error => new Error(`syntax error at position ${at + 1} near '${peek()}'`);
  const take = (): string => {
    if (at >= tokens.length) throw unexpected();
    return tokens[at++] ?? "";
  };
  const accept = (word: string): boolean => {
    if (!isWord(word)) return false;
    at += 1;
    return true;
  };
  const expect = (word: string): void => {
    if (!accept(word)) throw unexpected();
  };
  const list = <T>(item: () => T): T[] => {
    const items = [item()];
    while (accept(",")) items.push(item());
    return items;
  };
  const column = (): string => {
    if (!/^[`A-Za-z_]/.test(peek())) throw unexpected();
    return take().replaceAll("`", "");
  };
  const selected = (): Selected => {
    const name = column();
    if (!accept("(")) return { column: name };
    if (name !== "Count" || column() !== "row") throw new Error(`function ${name} is not supported`);
    expect(")");
    expect("AS");
    return { count: column() };
  };
  const comparison = (): Condition => {
    if (accept("(")) {
      const inner = anyOf();
      expect(")");
      return inner;
    }
    const name = column();
    const operator = take();
    if (!/^(=|!=|>=|<=|>|<)$/.test(operator)) throw unexpected();
    const literal = take();
    if (!/^['\d]/.test(literal)) throw unexpected();
    return {
      column: name,
      operator: operator as Comparison["operator"],
      literal: literal.startsWith("'") ? literal.slice(1, -1) : Number(literal),
    };
  };
  const chain = (word: string, item: () => Condition): Condition[] => {
    const items = [item()];
    while (accept(word)) items.push(item());
    return items;
  };
  const allOf = (): Condition => ({ and: chain("AND", comparison) });
  const anyOf = (): Condition => ({ or: chain("OR", allOf) });

  expect("SELECT");
  const select = list(selected);
  expect("FROM");
  const table = column();
  const where = accept("WHERE") ? { where: anyOf() } : {};
  let groupBy: string[] = [];
  if (accept("GROUP")) {
    expect("BY");
    groupBy = list(column);
  }
  const limit = accept("LIMIT") ? Number(take()) : defaultLimit;
  if (at < tokens.length || !Number.isInteger(limit)) throw unexpected();
  return { select, table, ...where, groupBy, limit };
}

function tokensOf(sql: string): string[] {
  const tokens: string[] = [];
  const end = sql.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const from = token.lastIndex;
    const [, found] = token.exec(sql) ?? [];
    if (found === undefined) throw new Error(`syntax error near '${sql.slice(from, from + 20)}'`);
    tokens.push(found);
  }
  return tokens;
}
