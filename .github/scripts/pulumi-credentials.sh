#!/usr/bin/env bash
# Says whether Pulumi can be asked, as the output `found`, and prepares its environment for the steps that follow.
#
# PULUMI_STACKS: stacks to ask for, separated by spaces. PULUMI_ACCESS_TOKEN or PULUMI_BACKEND_URL: where their state is.
# KUBECONFIG_CONTENT, which may be empty: how to reach their cluster.
set -euo pipefail

skip() {
  echo "Pulumi is not asked: $1" | tee -a "$GITHUB_STEP_SUMMARY"
  echo "found=false" >>"$GITHUB_OUTPUT"
  exit 0
}

if [[ -z "${PULUMI_ACCESS_TOKEN:-}" && -z "${PULUMI_BACKEND_URL:-}" ]]; then
  skip "there is neither the secret PULUMI_ACCESS_TOKEN nor the variable PULUMI_BACKEND_URL. Pull requests from forks never get secrets."
fi
[[ -n "${PULUMI_STACKS:-}" ]] || skip "the variable PULUMI_STACKS names no stack."

if [[ -n "${KUBECONFIG_CONTENT:-}" ]]; then
  kubeconfig=$RUNNER_TEMP/kubeconfig
  (umask 077 && printf '%s\n' "$KUBECONFIG_CONTENT" >"$kubeconfig")
  echo "KUBECONFIG=$kubeconfig" >>"$GITHUB_ENV"
fi
# The pinned CLI, and the Node.js that the program needs.
echo "$PWD/node_modules/.bin" >>"$GITHUB_PATH"
echo "found=true" >>"$GITHUB_OUTPUT"
