import { configFile, type ResolvedHostCollector } from "./resolve.ts";
import { unitName } from "./unit.ts";

/** What the script does on a host. */
export type Verb = "install" | "remove";

/** Where systemd reads an administrator's units (systemd.unit(5)). */
export const unitPath = `/etc/systemd/system/${unitName}`;

/** Seconds that a Collector must stay up; one that cannot have its ports ends within the first. */
const stayingUpSeconds = 5;

/**
 * The command that runs the script, which comes on standard input. So nothing depends on which environment
 * variables the SSH server accepts (`AcceptEnv`), or on the user's shell, and a command that fails is named
 * in one line and not with the whole script.
 */
export function hostCommand(verb: Verb, user: string): string {
  return `${user === "root" ? "" : "sudo -n "}sh -s -- ${verb}`;
}

/**
 * What is to be done on a host, as a POSIX shell script with a verb as its argument. Both verbs may run any
 * number of times.
 *
 * `install` writes configuration and unit and starts the Collector again, if something changed or it does not
 * run. What the Collector on the host does not accept is never written; one that does not stay up with what
 * was written gets back what it had. `remove` stops the Collector and leaves nothing of it.
 *
 * Everything is in functions, and the last line calls one, so that a script of which only a part arrives does
 * nothing.
 *
 * @param owner the stack, by which another one finds out that the host is taken.
 */
export function hostScript(resolved: ResolvedHostCollector, owner: string): string {
  const { host, collector, version, configYaml, unit } = resolved;
  return `set -eu
umask 022
host='${host}'
collector='${collector}'
unit='${unitName}'
unit_file='${unitPath}'
config_file='${configFile}'
owner='# Owner: ${owner}'

say() {
  printf '%s\\n' "$1" >&2
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
  for second in ${Array.from({ length: stayingUpSeconds }, (_, index) => index + 1).join(" ")}; do
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
${hereDocument("config.yaml", configYaml)}
  { printf '%s\\n' "$owner" && cat; } >"$work/unit" ${quoted("unit", unit)}
  if ! "$collector" validate --config="$work/config.yaml" >"$work/said" 2>&1; then
    cat "$work/said" >&2
    fail "The Collector on $host refuses its configuration, so nothing was changed there. It is $("$collector" --version), and the configuration is written for ${version}: set version to the one that it is."
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

case "\${1-}" in
  install) install_collector </dev/null ;;
  remove) remove_collector </dev/null ;;
  *) fail "Say what to do: sh -s -- install, or sh -s -- remove." ;;
esac
`;
}

function hereDocument(file: string, text: string): string {
  return `  cat >"$work/${file}" ${quoted(file, text)}`;
}

/**
 * A here-document, in which the shell changes nothing.
 *
 * @throws Error, a sentence, if the text has the line that would end it.
 */
function quoted(name: string, text: string): string {
  const end = `# End of ${name}`;
  if (text.split("\n").includes(end)) throw new Error(`The line "${end}" cannot be in ${name}.`);
  return `<<'${end}'\n${text}${end}`;
}
