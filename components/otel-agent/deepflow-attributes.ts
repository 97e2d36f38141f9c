import type { StatementGroup } from "./transform.ts";

/**
 * One attribute that DeepFlow's ingester reads, written where a span has today's name for it and not this
 * one.
 */
interface Row {
  readonly read: string;
  readonly from: string;
  /** The value, an OTTL expression; that of `from` where there is none. */
  readonly value?: string;
  /** A further condition in OTTL. */
  readonly where?: string;
}

interface Convention {
  /**
   * The attribute that every span of the convention has: all others are passed over at the cost of one
   * look-up.
   */
  readonly required: string;
  /** The conventions' own migration guide (open-telemetry/semantic-conventions, docs/non-normative). */
  readonly source: string;
  readonly rows: readonly Row[];
}

/**
 * The semantic conventions of today in the words that DeepFlow reads: deepflow
 * `server/ingester/flow_log/log_data/otel_import.go` knows the older names only. A column that two attributes
 * fill gets the later one (`fillAttributes`), so databases come before HTTP, and a request to a database over
 * HTTP, which is always a client's, keeps its operation.
 *
 * What is not here, and why:
 * - `http.scheme`: `https` is part of no protocol's name (`ParseL7Protocol`), so it makes the protocol
 *   unknown; `is_tls` is read from nothing else. An HTTP span needs no scheme, any attribute that begins with
 *   `http` makes it one.
 * - Messaging: `messaging.system` is called as ever; `messaging.url` and `messaging.protocol` are gone
 *   without a successor (messaging-migration.md).
 * - `net.peer.ip`: DeepFlow reads `network.peer.address` itself.
 * - `db.cassandra.page_size`: DeepFlow would store a page's size as the number of affected rows.
 */
export const conventions: readonly Convention[] = [
  {
    required: "db.system.name",
    source:
      "db-migration.md, and the values of db.system and db.system.name in docs/registry/attributes/db.md",
    rows: [
      renamedSystem("microsoft.sql_server", "mssql"),
      renamedSystem("oracle.db", "oracle"),
      { read: "db.system", from: "db.system.name" },
      { read: "db.statement", from: "db.query.text" },
      { read: "db.operation", from: "db.operation.name" },
      { read: "db.connection_string", from: "server.address" },
    ],
  },
  {
    required: "rpc.system.name",
    source: "rpc-migration.md",
    rows: [
      { read: "rpc.system", from: "rpc.system.name" },
      {
        read: "rpc.service",
        from: "rpc.method",
        value: 'Split(attributes["rpc.method"], "/")[0]',
        where: 'IsMatch(attributes["rpc.method"], "^[^/]+/")',
      },
    ],
  },
  {
    required: "http.request.method",
    source: "http-migration.md",
    rows: [
      {
        read: "http.method",
        from: "http.request.method",
        where: '(kind != 3 or (attributes["db.operation"] == nil and attributes["rpc.method"] == nil))',
      },
      { read: "http.status_code", from: "http.response.status_code" },
      {
        read: "http.target",
        from: "url.path",
        value: 'Concat([attributes["url.path"], attributes["url.query"]], "?")',
        where: 'attributes["url.query"] != nil and attributes["url.query"] != ""',
      },
      { read: "http.target", from: "url.path" },
      // DeepFlow takes the resource from a URL where there is no target; with one, the URL is bytes for
      // nothing.
      { read: "http.url", from: "url.full", where: 'attributes["http.target"] == nil' },
      { read: "http.host", from: "server.address" },
      { read: "http.flavor", from: "network.protocol.version" },
      { read: "http.request_content_length", from: "http.request.body.size" },
      { read: "http.response_content_length", from: "http.response.body.size" },
    ],
  },
];

function renamedSystem(today: string, older: string): Row {
  return {
    read: "db.system",
    from: "db.system.name",
    value: `"${older}"`,
    where: `attributes["db.system.name"] == "${today}"`,
  };
}

/** Statements that add what DeepFlow reads and a span lacks; nothing is changed or removed. */
export function deepFlowAttributes(): StatementGroup[] {
  return conventions.map(({ required, rows }) => ({
    context: "span",
    conditions: [`attributes["${required}"] != nil`],
    statements: rows.map((row) => statement(row, required)),
  }));
}

/**
 * Every look-up costs, so what the group's condition says is not asked again. Other sources are, although
 * `set` ignores nil in 0.149.0: 0.161.0 writes an empty attribute.
 */
function statement({ read, from, value = `attributes["${from}"]`, where }: Row, required: string): string {
  const tests = [
    ...(from === required ? [] : [`attributes["${from}"] != nil`]),
    `attributes["${read}"] == nil`,
    ...(where ? [where] : []),
  ];
  return `set(attributes["${read}"], ${value}) where ${tests.join(" and ")}`;
}
