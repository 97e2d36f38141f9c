#!/usr/bin/env bash
# Keeps one open issue that says BODY, and none if BODY is empty.
set -euo pipefail
title='Drift: a cluster is not as its stack says'
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
export GH_REPO=$GITHUB_REPOSITORY

# In two steps: a list that cannot be had must not look like an empty one.
numbers=$(gh issue list --app github-actions --label drift --state open --limit 100 \
  --json number --jq 'sort_by(.number) | .[].number')
read -ra open <<<"${numbers//$'\n'/ }"

if [[ -z "${BODY:-}" ]]; then
  for number in "${open[@]}"; do
    gh issue close "$number" --reason completed --comment "No drift any more: $run"
  done
  exit 0
fi

body() {
  printf '`pulumi preview --refresh` found changes that nobody made in the program ([run](%s)).\n\n' "$run"
  printf 'Run `pulumi up --refresh` to undo them, or change the settings to keep them. The issue is closed when they are gone.\n\n'
  printf '%s\n' "$BODY"
}
if ((${#open[@]} > 0)); then
  body | gh issue edit "${open[0]}" --body-file -
  for number in "${open[@]:1}"; do
    gh issue close "$number" --reason "not planned" --comment "The same as #${open[0]}."
  done
else
  gh label create drift --force --color D93F0B --description "A cluster is not as its stack says"
  body | gh issue create --title "$title" --label drift --body-file -
fi
