#!/usr/bin/env bash
# Tests the sign-in: the conformance suite's scenarios, and then oidc-provider and the sandbox, Chromium and GNOME Keyring
# around the real clickflow-mcp. README.md says which program stands for what.
# usage: tests/e2e/run-sign-in.sh [BUILD_DIR]     (by default build/dev)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$here/../../build/dev}" && pwd)
for program in "$build/clickflow-mcp" "$build/clickflow-sandbox" /usr/bin/chromium; do
  [ -x "$program" ] && continue
  echo "$program is missing. Build both programs and run packaging/debian-deps.sh --with-tests first." >&2
  exit 1
done
. "$here/support/prepare.sh"
use_new_node

"$here/conformance/run.sh" "$build"

cd "$here"
# All files share one keyring, in which one of them counts entries.
"$here/../keychain/with_keyring.sh" \
  env CLICKFLOW_MCP="$build/clickflow-mcp" CLICKFLOW_SANDBOX="$build/clickflow-sandbox" \
  node --test --test-reporter=spec --test-concurrency=1 sign-in/*.test.js sandbox-sign-in/*.test.js
