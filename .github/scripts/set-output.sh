#!/usr/bin/env bash
# Makes a file's text the output `text` of a step: set-output.sh <file>
set -euo pipefail
# A delimiter that the text cannot know, so that it cannot set other outputs.
delimiter="end-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
{
  echo "text<<$delimiter"
  cat "$1"
  # The delimiter has a line of its own, however the text ends.
  echo
  echo "$delimiter"
} >>"$GITHUB_OUTPUT"
