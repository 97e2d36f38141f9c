import type { FlowRow } from "./flow-row.ts";
import type { ResourceTags } from "./knowledge-graph.ts";
import { parseQuery, type Condition, type Query } from "./querier-sql.ts";

type Value = string | number;

/** What the querier answers: column names, and a row of values each. */
export interface QueryResult {
  readonly columns: readonly string[];
  /** `null` where there are none, which Go makes of an empty list. */
  readonly values: readonly (readonly Value[])[] | null;
}

/** The columns of l7_flow_log that are known here; of the two sides each has its own. */
const columns: Readonly<Record<string, (row: FlowRow) => Value>> = {
  // A row's time is its end, in seconds.
  time: ({ endTimeUs }) => Math.floor(endTimeUs / 1e6),
  signal_source: ({ signalSource }) => signalSource,
  trace_id: ({ traceId }) => traceId,
  app_service: ({ appService }) => appService,
  endpoint: ({ endpoint }) => endpoint,
  ip_0: ({ ip0 = "" }) => ip0,
  ip_1: ({ ip1 = "" }) => ip1,
  pod_ns_0: ({ tags0 }) => namespaceOf(tags0),
  pod_ns_1: ({ tags1 }) => namespaceOf(tags1),
  pod_ns_id_0: ({ tags0 }) => idOf(namespaceOf(tags0)),
  pod_ns_id_1: ({ tags1 }) => idOf(namespaceOf(tags1)),
};

/**
 * Answers a query from these rows, as strict as the querier.
 *
 * @throws Error, a sentence, for a query that it does not take.
 */
export function queryRows(rows: readonly FlowRow[], sql: string): QueryResult {
  const query = parseQuery(sql);
  if (query.table !== "l7_flow_log") throw new Error(`table ${query.table} is not found`);
  const found = rows.filter((row) => query.where === undefined || holds(query.where, row));
  const names = query.select.map((item) => ("count" in item ? item.count : item.column));
  const values = isCounted(query) ? counted(query, found) : listed(query, found);
  const limited = values.slice(0, query.limit);
  return { columns: names, values: limited.length === 0 ? null : limited };
}

function isCounted({ select, groupBy }: Query): boolean {
  const ungrouped = select.filter((item) => "column" in item && !groupBy.includes(item.column));
  const counts = select.some((item) => "count" in item);
  if ((counts || groupBy.length > 0) && ungrouped.length > 0)
    throw new Error("a selected column is neither counted nor in GROUP BY");
  return counts || groupBy.length > 0;
}

function listed({ select }: Query, rows: readonly FlowRow[]): Value[][] {
  const getters = select.map((item) => valueOf("column" in item ? item.column : ""));
  return rows.map((row) => getters.map((get) => get(row)));
}

function counted({ select, groupBy }: Query, rows: readonly FlowRow[]): Value[][] {
  const keys = groupBy.map(valueOf);
  // Groups of a namespace that there is not are left out (translation of pod_ns in the querier).
  const inGroups = rows.filter((row) =>
    groupBy.every((name) => !/^pod_ns_[01]$/.test(name) || valueOf(name)(row) !== ""),
  );
  const groups = Map.groupBy(inGroups, (row) => JSON.stringify(keys.map((key) => key(row))));
  // Without groups there is one, even of no rows.
  if (groupBy.length === 0 && groups.size === 0) groups.set("[]", []);
  return [...groups].map(([key, members]) => {
    const group = JSON.parse(key) as Value[];
    return select.map((item) =>
      "count" in item ? members.length : (group[groupBy.indexOf(item.column)] ?? ""),
    );
  });
}

function holds(condition: Condition, row: FlowRow): boolean {
  if ("and" in condition) return condition.and.map((part) => holds(part, row)).every(Boolean);
  if ("or" in condition) return condition.or.map((part) => holds(part, row)).some(Boolean);
  const { column, operator, literal } = condition;
  const value = valueOf(column)(row);
  if (typeof value !== typeof literal)
    throw new Error(`column ${column} is no ${typeof literal}, so it cannot be compared with '${literal}'`);
  switch (operator) {
    case "=":
      return value === literal;
    case "!=":
      return value !== literal;
    case ">=":
      return value >= literal;
    case "<=":
      return value <= literal;
    case ">":
      return value > literal;
    case "<":
      return value < literal;
  }
}

function valueOf(column: string): (row: FlowRow) => Value {
  const [, attribute] = /^attribute\.(.+)$/.exec(column) ?? [];
  if (attribute !== undefined)
    return ({ attributes }) => attributes.findLast(([name]) => name === attribute)?.[1] ?? "";
  const get = Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (get === undefined) throw new Error(`tag ${column} is not found`);
  return get;
}

function namespaceOf({ podNamespace = "" }: ResourceTags): string {
  return podNamespace;
}

/** Any number but 0, which stands for no namespace. */
function idOf(namespace: string): number {
  return Buffer.from(namespace).reduce((sum, letter) => sum + letter, 0);
}
