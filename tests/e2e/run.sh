#!/usr/bin/env bash
# Runs other people's programs against the real clickflow-mcp; README.md says which, and why. (The sign-in has a run
# of its own: run-sign-in.sh.)
# usage: tests/e2e/run.sh [BUILD_DIR]     (by default build/dev)
# TRANSPORT=direct is the control run: the same tests, with the bridge left out.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$here/../../build/dev}" && pwd)
export CLICKFLOW_MCP=$build/clickflow-mcp CLICKFLOW_SANDBOX=$build/clickflow-sandbox
for program in "$CLICKFLOW_MCP" "$CLICKFLOW_SANDBOX"; do
  [ -x "$program" ] && continue
  echo "$program is missing. Build it first, for instance with: cmake --preset dev && cmake --build --preset dev" >&2
  exit 1
done

. "$here/support/prepare.sh"
cd "$here"
# The tests mostly wait, so several files run side by side even on a small machine.
run_tests() { node --test --test-reporter=spec --test-concurrency=4 "$@"; }
status=0
run_tests everything/*.test.js sdk-examples/*.test.js sandbox/*.test.js || status=1
# The SDK's second generation needs a newer Node.
use_new_node
run_tests eras/*.test.js || status=1
exit "$status"
