/** What DeepFlow reads of a span's HTTP request, and the stable semantic convention that says the same today. */
const renamed = [
  ["http.method", "http.request.method"],
  ["http.status_code", "http.response.status_code"],
  ["http.url", "url.full"],
  ["http.scheme", "url.scheme"],
  ["http.host", "server.address"],
  ["http.flavor", "network.protocol.version"],
  ["http.request_content_length", "http.request.body.size"],
  ["http.response_content_length", "http.response.body.size"],
] as const;

/**
 * Configuration of a `transform` processor that adds the old HTTP attributes to spans that have only the stable ones.
 *
 * DeepFlow maps the old names only (deepflow `server/ingester/flow_log/log_data/otel_import.go`); spans of today's SDKs
 * would show up without method, path and status. The new names stay, and an old one that is there is left alone. Only
 * HTTP spans are touched: `server.address` and others are used by databases and RPC too.
 */
export function httpAttributesTransform() {
  const isHttp = 'attributes["http.request.method"] != nil';
  const add = (old: string, value: string, present: string) =>
    `set(attributes["${old}"], ${value}) where ${isHttp} and attributes["${old}"] == nil and ${present}`;
  const has = (name: string) => `attributes["${name}"] != nil`;
  return {
    // A statement that does not fit one span must not cost the others.
    error_mode: "ignore",
    trace_statements: [
      {
        context: "span",
        statements: [
          ...renamed.map(([old, stable]) => add(old, `attributes["${stable}"]`, has(stable))),
          add(
            "http.target",
            'Concat([attributes["url.path"], attributes["url.query"]], "?")',
            `${has("url.path")} and ${has("url.query")}`,
          ),
          add("http.target", 'attributes["url.path"]', has("url.path")),
        ],
      },
    ],
  };
}
