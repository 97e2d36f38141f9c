#!/usr/bin/env bash
# Runs `pulumi preview` of each stack in PULUMI_STACKS, for the run's summary and a comment. Fails, after all of them, if
# one failed.
set -euo pipefail
scripts=$(dirname "$0")
log=$(mktemp) text=$(mktemp)
trap 'rm -f "$log" "$text"' EXIT

status=0
for stack in $PULUMI_STACKS; do
  outcome="what Pulumi would do"
  if ! pulumi preview --stack "$stack" --diff --non-interactive --suppress-progress --color never >"$log" 2>&1; then
    outcome="the preview failed"
    status=1
  fi
  cat "$log"
  "$scripts/details.sh" "Stack $stack: $outcome" "$log" >>"$text"
done
cat "$text" >>"$GITHUB_STEP_SUMMARY"
"$scripts/set-output.sh" "$text"
exit "$status"
