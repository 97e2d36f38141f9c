#!/usr/bin/env bash
# A collapsed section of Markdown with a log in it: details.sh <title> <file>
#
# A comment or an issue holds 65,536 characters and several sections; of a log that is too long the end is kept, where
# errors and counts are.
set -euo pipefail
limit=$((60000 / $(wc -w <<<"${PULUMI_STACKS:-one}")))
# A fence that no log of Pulumi has.
fence='~~~~~~~~~~~~'
printf '<details>\n<summary>%s</summary>\n\n%s\n' "$1" "$fence"
if (($(wc -c <"$2") > limit)); then
  echo "… (the run's log has all of it)"
  # Without the first line, which is not whole.
  tail -c "$limit" "$2" | tail -n +2
else
  cat "$2"
fi
printf '%s\n\n</details>\n\n' "$fence"
