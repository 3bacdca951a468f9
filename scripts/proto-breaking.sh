#!/usr/bin/env bash
# Refuses contracts that break clients of the commit before: on a branch, of where it left main; on main, of
# main's previous commit that touched the contracts.
set -euo pipefail
cd "$(dirname "$0")/.."

base=""
if git rev-parse --quiet --verify origin/main >/dev/null; then base=$(git merge-base HEAD origin/main || true); fi
if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
  base=$(git rev-list --max-count=1 HEAD^ -- proto 2>/dev/null || true)
fi
if [ -z "$base" ] || ! git cat-file -e "$base:buf.yaml" 2>/dev/null; then
  echo "proto:breaking: there is no earlier contract to compare with"
  exit 0
fi
buf breaking --against ".git#ref=$base"
