#!/usr/bin/env bash
# Fails unless packages/contracts/gen is exactly what `npm run contracts:generate` makes of proto/.
set -euo pipefail
cd "$(dirname "$0")/.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
buf generate --output "$fresh"
if ! diff --recursive --brief "$fresh/packages/contracts/gen" packages/contracts/gen; then
  echo "packages/contracts/gen is not what proto/ says. Run: npm run contracts:generate" >&2
  exit 1
fi
