#!/usr/bin/env bash
# Compares what every stack renders at a git ref and now, for the run's summary and a comment: manifests-diff.sh <base>
set -euo pipefail
text=$(mktemp)
trap 'rm -f "$text"' EXIT
npm run --silent diff -- --all --markdown "$1" >"$text"
cat "$text" >>"$GITHUB_STEP_SUMMARY"
"$(dirname "$0")/set-output.sh" "$text"
