# Rendered by deepflow-otel. Change the stack's settings instead, and render again.
set -eu
umask 022
host='192.0.2.20'
collector='/usr/bin/otelcol-contrib'
unit='otel-agent.service'
unit_file='/etc/systemd/system/otel-agent.service'
config_file='/etc/otel-agent/config.yaml'
owner='# Owner: Pulumi stack deepflow-otel/hosts'

say() {
  printf '%s\n' "$1" >&2
}

fail() {
  say "$1"
  exit 1
}

is_ours() {
  grep -qxF "$owner" "$unit_file"
}

same() {
  [ -e "$2" ] && [ "$(cat "$1")" = "$(cat "$2")" ]
}

# Copied into the folder first, where SELinux labels it, and then in one step to its name.
put() {
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new"
  mv -f "$2.new" "$2"
}

take_away() {
  if [ -e "$unit_file" ]; then systemctl disable --now --quiet "$unit"; fi
  rm -f "$unit_file" "$config_file"
  rmdir "$(dirname "$config_file")" 2>/dev/null || true
  systemctl daemon-reload
  systemctl reset-failed "$unit" 2>/dev/null || true
}

stays_up() {
  for second in 1 2 3 4 5; do
    sleep 1
    systemctl is-active --quiet "$unit" || return 1
  done
}

start() {
  systemctl daemon-reload && systemctl enable --quiet "$unit" && systemctl restart "$unit" && stays_up
}

needs() {
  [ "$(id -u)" = 0 ] || fail "On $host this runs as $(id -un), and it has to be root; let that user run sudo sh without a password."
  command -v systemctl >/dev/null || fail "There is no systemctl on $host; a Collector needs systemd there."
}

install_collector() {
  needs
  [ -x "$collector" ] || fail "There is no Collector at $collector on $host; install the package otelcol-contrib there, or write in the setting collector where it is."
  if [ -e "$unit_file" ] && ! is_ours; then
    fail "$unit_file on $host is not of this stack but: $(grep '^# Owner: ' "$unit_file" || echo 'of nobody that it names'); remove it there, or take the host out of this stack."
  fi
  if systemctl is-active --quiet otelcol-contrib.service; then
    fail "On $host the package's own service runs and has the Collector's ports; turn it off there: systemctl disable --now otelcol-contrib."
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cat >"$work/config.yaml" <<'# End of config.yaml'
exporters:
  otlp_http:
    compression: none
    encoding: proto
    retry_on_failure:
      enabled: true
      initial_interval: 1s
      max_elapsed_time: 1h
      max_interval: 5s
    sending_queue:
      batch:
        flush_timeout: 1s
        max_size: 1024
        min_size: 1024
        sizer: items
      enabled: true
      num_consumers: 40
      queue_size: 53477376
      sizer: bytes
    timeout: 10s
    traces_endpoint: http://127.0.0.1:38086/api/v1/otel/trace
extensions:
  health_check:
    endpoint: 127.0.0.1:13133
processors:
  memory_limiter:
    check_interval: 100ms
    limit_mib: 409
    spike_limit_mib: 128
  resource:
    attributes:
      - action: insert
        key: app.host.ip
        value: 192.0.2.20
  transform/deepflow:
    error_mode: ignore
    trace_statements:
      - conditions:
          - attributes["db.system.name"] != nil
        context: span
        statements:
          - set(attributes["db.system"], "mssql") where attributes["db.system"] == nil and attributes["db.system.name"] == "microsoft.sql_server"
          - set(attributes["db.system"], "oracle") where attributes["db.system"] == nil and attributes["db.system.name"] == "oracle.db"
          - set(attributes["db.system"], attributes["db.system.name"]) where attributes["db.system"] == nil
          - set(attributes["db.statement"], attributes["db.query.text"]) where attributes["db.query.text"] != nil and attributes["db.statement"] == nil
          - set(attributes["db.operation"], attributes["db.operation.name"]) where attributes["db.operation.name"] != nil and attributes["db.operation"] == nil
          - set(attributes["db.connection_string"], attributes["server.address"]) where attributes["server.address"] != nil and attributes["db.connection_string"] == nil
      - conditions:
          - attributes["rpc.system.name"] != nil
        context: span
        statements:
          - set(attributes["rpc.system"], attributes["rpc.system.name"]) where attributes["rpc.system"] == nil
          - set(attributes["rpc.service"], Split(attributes["rpc.method"], "/")[0]) where attributes["rpc.method"] != nil and attributes["rpc.service"] == nil and IsMatch(attributes["rpc.method"], "^[^/]+/")
      - conditions:
          - attributes["http.request.method"] != nil
        context: span
        statements:
          - set(attributes["http.method"], attributes["http.request.method"]) where attributes["http.method"] == nil and (kind != 3 or (attributes["db.operation"] == nil and attributes["rpc.method"] == nil))
          - set(attributes["http.status_code"], attributes["http.response.status_code"]) where attributes["http.response.status_code"] != nil and attributes["http.status_code"] == nil
          - set(attributes["http.target"], Concat([attributes["url.path"], attributes["url.query"]], "?")) where attributes["url.path"] != nil and attributes["http.target"] == nil and attributes["url.query"] != nil and attributes["url.query"] != ""
          - set(attributes["http.target"], attributes["url.path"]) where attributes["url.path"] != nil and attributes["http.target"] == nil
          - set(attributes["http.url"], attributes["url.full"]) where attributes["url.full"] != nil and attributes["http.url"] == nil and attributes["http.target"] == nil
          - set(attributes["http.host"], attributes["server.address"]) where attributes["server.address"] != nil and attributes["http.host"] == nil
          - set(attributes["http.flavor"], attributes["network.protocol.version"]) where attributes["network.protocol.version"] != nil and attributes["http.flavor"] == nil
          - set(attributes["http.request_content_length"], attributes["http.request.body.size"]) where attributes["http.request.body.size"] != nil and attributes["http.request_content_length"] == nil
          - set(attributes["http.response_content_length"], attributes["http.response.body.size"]) where attributes["http.response.body.size"] != nil and attributes["http.response_content_length"] == nil
      - context: span
        statements:
          - set(kind, 0) where kind < 0 or kind > 5
      - conditions:
          - attributes["telemetry.sdk.name"] != "opentelemetry" or not IsMatch(attributes["telemetry.sdk.language"], "^(java|go|python|dotnet|php|rust|swift)$")
        context: resource
        statements:
          - set(attributes["deepflow_otel.lax"], true)
      - conditions:
          - attributes["deepflow_otel.lax"] != nil
        context: resource
        statements:
          - replace_pattern(schema_url, "\\x{FFFD}", "?")
          - set(cache["text"], Concat([ConvertCase(ToKeyValueString(attributes, "=", "&"), "upper"), "&"], ""))
          - set(cache["odd"], true) where Len(Split(cache["text"], "�")) > 1 or Len(Split(cache["text"], "\\UFFFD")) > 1 or Len(Split(cache["text"], "=&")) > 1 or Len(Split(cache["text"], "{\\\"")) > 1 or Len(Split(cache["text"], "[")) > 41
          - flatten(attributes, "a", 300) where cache["odd"] != nil
          - set(cache["count"], Len(attributes)) where cache["odd"] != nil
          - delete_matching_keys(attributes, "^([^.]*[.]){99}") where cache["odd"] != nil
          - set(dropped_attributes_count, dropped_attributes_count + cache["count"] - Len(attributes)) where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "^a[.]", "") where cache["odd"] != nil
          - replace_all_patterns(attributes, "value", "\\x{FFFD}", "?") where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "\\x{FFFD}", "?") where cache["odd"] != nil
      - conditions:
          - resource.attributes["deepflow_otel.lax"] != nil
        context: scope
        statements:
          - replace_pattern(name, "\\x{FFFD}", "?")
          - replace_pattern(version, "\\x{FFFD}", "?")
          - replace_pattern(schema_url, "\\x{FFFD}", "?")
          - set(cache["text"], Concat([ConvertCase(ToKeyValueString(attributes, "=", "&"), "upper"), "&"], ""))
          - set(cache["odd"], true) where Len(Split(cache["text"], "�")) > 1 or Len(Split(cache["text"], "\\UFFFD")) > 1 or Len(Split(cache["text"], "=&")) > 1 or Len(Split(cache["text"], "{\\\"")) > 1 or Len(Split(cache["text"], "[")) > 41
          - flatten(attributes, "a", 300) where cache["odd"] != nil
          - set(cache["count"], Len(attributes)) where cache["odd"] != nil
          - delete_matching_keys(attributes, "^([^.]*[.]){99}") where cache["odd"] != nil
          - set(dropped_attributes_count, dropped_attributes_count + cache["count"] - Len(attributes)) where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "^a[.]", "") where cache["odd"] != nil
          - replace_all_patterns(attributes, "value", "\\x{FFFD}", "?") where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "\\x{FFFD}", "?") where cache["odd"] != nil
      - conditions:
          - resource.attributes["deepflow_otel.lax"] != nil
        context: span
        statements:
          - replace_pattern(name, "\\x{FFFD}", "?")
          - replace_pattern(status.message, "\\x{FFFD}", "?")
          - replace_pattern(trace_state, "\\x{FFFD}", "?")
          - set(cache["text"], Concat([ConvertCase(ToKeyValueString(attributes, "=", "&"), "upper"), "&"], ""))
          - set(cache["odd"], true) where Len(Split(cache["text"], "�")) > 1 or Len(Split(cache["text"], "\\UFFFD")) > 1 or Len(Split(cache["text"], "=&")) > 1 or Len(Split(cache["text"], "{\\\"")) > 1 or Len(Split(cache["text"], "[")) > 41
          - flatten(attributes, "a", 300) where cache["odd"] != nil
          - set(cache["count"], Len(attributes)) where cache["odd"] != nil
          - delete_matching_keys(attributes, "^([^.]*[.]){99}") where cache["odd"] != nil
          - set(dropped_attributes_count, dropped_attributes_count + cache["count"] - Len(attributes)) where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "^a[.]", "") where cache["odd"] != nil
          - replace_all_patterns(attributes, "value", "\\x{FFFD}", "?") where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "\\x{FFFD}", "?") where cache["odd"] != nil
      - conditions:
          - resource.attributes["deepflow_otel.lax"] != nil
        context: spanevent
        statements:
          - replace_pattern(name, "\\x{FFFD}", "?")
          - set(cache["text"], Concat([ConvertCase(ToKeyValueString(attributes, "=", "&"), "upper"), "&"], ""))
          - set(cache["odd"], true) where Len(Split(cache["text"], "�")) > 1 or Len(Split(cache["text"], "\\UFFFD")) > 1 or Len(Split(cache["text"], "=&")) > 1 or Len(Split(cache["text"], "{\\\"")) > 1 or Len(Split(cache["text"], "[")) > 41
          - flatten(attributes, "a", 300) where cache["odd"] != nil
          - set(cache["count"], Len(attributes)) where cache["odd"] != nil
          - delete_matching_keys(attributes, "^([^.]*[.]){99}") where cache["odd"] != nil
          - set(dropped_attributes_count, dropped_attributes_count + cache["count"] - Len(attributes)) where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "^a[.]", "") where cache["odd"] != nil
          - replace_all_patterns(attributes, "value", "\\x{FFFD}", "?") where cache["odd"] != nil
          - replace_all_patterns(attributes, "key", "\\x{FFFD}", "?") where cache["odd"] != nil
      - conditions:
          - attributes["deepflow_otel.lax"] != nil
        context: resource
        statements:
          - delete_key(attributes, "deepflow_otel.lax")
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 127.0.0.1:4317
        max_recv_msg_size_mib: 4
      http:
        endpoint: 127.0.0.1:4318
        max_request_body_size: 4194304
        response_headers:
          Connection: close
service:
  extensions:
    - health_check
  pipelines:
    traces:
      exporters:
        - otlp_http
      processors:
        - memory_limiter
        - resource
        - transform/deepflow
      receivers:
        - otlp
  telemetry:
    metrics:
      level: none
# End of config.yaml
  { printf '%s\n' "$owner" && cat; } >"$work/unit" <<'# End of unit'
[Unit]
Description=OpenTelemetry Collector for DeepFlow
Documentation=https://opentelemetry.io/docs/collector/
Wants=network-online.target
After=network-online.target
# However long it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/bin/otelcol-contrib --config=/etc/otel-agent/config.yaml
Environment=GOMEMLIMIT=409MiB
MemoryMax=512M
LimitNOFILE=65536
Restart=on-failure
RestartSec=5s
TimeoutStopSec=30s

DynamicUser=yes
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
KeyringMode=private
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged

[Install]
WantedBy=multi-user.target
# End of unit
  if ! "$collector" validate --config="$work/config.yaml" >"$work/said" 2>&1; then
    cat "$work/said" >&2
    fail "The Collector on $host refuses its configuration, so nothing was changed there. It is $("$collector" --version), and the configuration is written for 0.149.0: set version to the one that it is."
  fi
  if same "$work/config.yaml" "$config_file" && same "$work/unit" "$unit_file" && systemctl is-active --quiet "$unit"; then
    say "The Collector on $host runs with this configuration already."
    return
  fi
  had=
  if [ -e "$unit_file" ] && [ -e "$config_file" ]; then
    cp "$unit_file" "$work/unit.old"
    cp "$config_file" "$work/config.old"
    had=yes
  fi
  put "$work/config.yaml" "$config_file"
  put "$work/unit" "$unit_file"
  if start; then
    say "The Collector on $host was started with its configuration."
    return
  fi
  journalctl --unit="$unit" --lines=10 --no-pager --output=cat >&2 || true
  if [ -z "$had" ]; then
    take_away
    fail "The Collector on $host did not stay up, so it was removed again; what it said is above."
  fi
  put "$work/config.old" "$config_file"
  put "$work/unit.old" "$unit_file"
  start || fail "The Collector on $host did not stay up, neither with what is new nor with what it had before; what it said is above."
  fail "The Collector on $host did not stay up, so it has its configuration of before again and runs; what it said is above."
}

remove_collector() {
  needs
  if [ -e "$unit_file" ] && ! is_ours; then
    say "$unit_file on $host is not of this stack any more, so it stays."
    return
  fi
  take_away
  say "The Collector on $host was stopped and removed."
}

case "${1-}" in
  install) install_collector </dev/null ;;
  remove) remove_collector </dev/null ;;
  *) fail "Say what to do: sh -s -- install, or sh -s -- remove." ;;
esac
