#!/usr/bin/env bash
# Runs the client scenarios that MCP's official conformance suite requires for revision 2025-11-25 against
# clickflow-mcp. Ends with a failure if any of them fails; nothing is skipped.
# usage: tests/e2e/conformance/run.sh [BUILD_DIR]     (by default build/dev)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$here/../../../build/dev}" && pwd)
export CLICKFLOW_MCP=$build/clickflow-mcp
. "$here/../support/prepare.sh"
use_new_node

revision=2025-11-25
# An end of its own for each scenario, well over what the slowest took; the suite's is 30 s.
limit_ms=60000
suite=$here/../node_modules/@modelcontextprotocol/conformance/dist/index.js
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

mapfile -t scenarios < <(node "$suite" list --requirements "$revision" |
  sed -n '/^Client scenarios/,$ s/^  - \([^ ]*\).*/\1/p' | awk '/^$/{exit} {print}')
[ ${#scenarios[@]} -eq 18 ] || {
  echo "The suite lists ${#scenarios[@]} client scenarios for $revision, where 18 were expected." >&2
  exit 1
}

failed=0
for scenario in "${scenarios[@]}"; do
  log=$results/${scenario//\//-}.log
  began=$SECONDS
  status=0
  node "$suite" client --command "node $here/host.js" --scenario "$scenario" --spec-version "$revision" \
    --timeout "$limit_ms" --verbose -o "$results/${scenario//\//-}" >"$log" 2>&1 || status=$?
  # Its own words have to say that it has checked something, and that all of that was good.
  checks=$(sed -n 's|^Passed: \([1-9][0-9]*\)/\1, 0 failed, 0 warnings.*|\1|p' "$log")
  if [ "$status" = 0 ] && [ -n "$checks" ]; then
    verdict="passed ($checks checks"
  else
    verdict="FAILED (status $status"
    failed=$((failed + 1))
  fi
  printf '%-38s %s, %s s)\n' "$scenario" "$verdict" $((SECONDS - began))
  case $verdict in FAILED*) sed 's/^/    /' "$log" ;; esac
done
echo "$((${#scenarios[@]} - failed)) of ${#scenarios[@]} scenarios passed"
[ "$failed" = 0 ]
