#!/usr/bin/env bash
# Comments BODY on the pull request PULL_REQUEST, in place of the comment of the same name: comment.sh <name>
set -euo pipefail
if [[ -z "${BODY:-}" ]]; then
  echo "No comment: there is nothing to say of $1."
  exit 0
fi
marker="<!-- deepflow-otel: $1 -->"
text=$(mktemp)
trap 'rm -f "$text"' EXIT
printf '%s\n%s\n' "$marker" "$BODY" >"$text"

comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
mine=".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$marker\"))) | .id"
id=$(gh api --paginate "$comments" --jq "$mine" | sed -n 1p)
target=(--method POST "$comments")
[[ -z "$id" ]] || target=(--method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id")
gh api "${target[@]}" --field "body=@$text" --silent
