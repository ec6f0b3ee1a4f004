#!/usr/bin/env bash
# Runs the client scenarios that MCP's official conformance suite requires for revisions 2025-11-25 and 2026-07-28
# against clickflow-mcp, each with a host of the legacy era and one of the modern era. Ends with a failure if any of them
# fails; nothing is skipped.
# usage: tests/e2e/conformance/run.sh [BUILD_DIR [REGEX]]     (by default build/dev, and all of them)
# REGEX selects among lines like "2026-07-28 modern auth/iss-supported".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$here/../../../build/dev}" && pwd)
wanted=${2:-}
export CLICKFLOW_MCP=$build/clickflow-mcp
. "$here/../support/prepare.sh"
use_new_node

at_once=3
# An end of its own for each scenario, well over what the slowest took; the suite's is 30 s.
limit_ms=60000
suite=$here/../node_modules/@modelcontextprotocol/conformance/dist/index.js
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Prints the scenarios of revision $1, of which there have to be $2.
scenarios() {
  local found
  found=$(node "$suite" list --requirements "$1" |
    sed -n '/^Client scenarios/,$ s/^  - \([^ ]*\).*/\1/p' | awk '/^$/{exit} {print}')
  [ "$(wc -l <<<"$found")" -eq "$2" ] || {
    echo "The suite lists other client scenarios for $1 than the $2 that were expected: $found" >&2
    return 1
  }
  echo "$found"
}

# Runs "REVISION ERA SCENARIO", says how it went, and fails where that was not well.
run_one() {
  local revision era scenario log began=$SECONDS status=0 checks verdict
  read -r revision era scenario <<<"$1"
  local output=$results/${1//[\/ ]/-}
  log=$output.log
  node "$suite" client --command "node $here/host.js $era" --scenario "$scenario" --spec-version "$revision" \
    --timeout "$limit_ms" --verbose -o "$output" >"$log" 2>&1 || status=$?
  # Its own words have to say that it has checked something, and that all of that was good; and the host's, that the
  # conversation went as it has to.
  checks=$(sed -n 's|^Passed: \([1-9][0-9]*\)/\1, 0 failed, 0 warnings.*|\1|p' "$log")
  if [ "$status" = 0 ] && [ -n "$checks" ] && grep -qrx --include=stdout.txt 'as expected' "$output"; then
    verdict="passed ($checks checks"
  else
    verdict="FAILED (status $status"
  fi
  {
    printf '%-10s %-6s %-38s %s, %s s)\n' "$revision" "$era" "$scenario" "$verdict" $((SECONDS - began))
    case $verdict in FAILED*) sed 's/^/    /' "$log" ;; esac
  } >"$output.said"
  cat "$output.said" # In one piece, since another one speaks at the same time.
  case $verdict in FAILED*) return 1 ;; esac
}
export -f run_one
export here suite results limit_ms

old=$(scenarios 2025-11-25 18)
new=$(scenarios 2026-07-28 32)
for era in legacy modern; do
  sed "s|^|2025-11-25 $era |" <<<"$old"
  sed "s|^|2026-07-28 $era |" <<<"$new"
done | grep -E -e "$wanted" >"$results/all" || {
  echo "No scenario is like '$wanted'." >&2
  exit 1
}

status=0
xargs -d '\n' -P "$at_once" -I{} bash -c 'run_one "$1"' run_one {} <"$results/all" || status=1
passed=$(cat "$results"/*.said | awk '/^20.* passed \(/ { ++n } END { print n + 0 }')
echo "$passed of $(wc -l <"$results/all") runs passed"
exit "$status"
