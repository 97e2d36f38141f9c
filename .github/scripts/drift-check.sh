#!/usr/bin/env bash
# Compares each stack in PULUMI_STACKS with its cluster. The output `text` says what differs; it is empty if nothing does.
# Fails if a stack could not be compared.
set -euo pipefail
scripts=$(dirname "$0")
log=$(mktemp) text=$(mktemp)
trap 'rm -f "$log" "$text"' EXIT

status=0
for stack in $PULUMI_STACKS; do
  if pulumi preview --stack "$stack" --expect-no-changes --refresh --diff --non-interactive --suppress-progress \
    --color never >"$log" 2>&1; then
    echo "Stack $stack: no drift."
  # Pulumi's exit status for changes is not that of all of its versions; its sentence is.
  elif grep -q 'no changes were expected' "$log"; then
    echo "Stack $stack: drift:"
    cat "$log"
    "$scripts/details.sh" "Stack $stack: what \`pulumi up\` would change" "$log" >>"$text"
  else
    echo "Stack $stack could not be compared:"
    cat "$log"
    status=1
  fi
done
[[ ! -s "$text" ]] || "$scripts/set-output.sh" "$text"
exit "$status"
