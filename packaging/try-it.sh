#!/usr/bin/env bash
# Installs what the build needs, builds the bridge and the sandbox, and shows the main job: an assistant's calls going
# through the bridge to a ClickFlow on this machine. Can be run again at once; what is there is not done twice.
# usage: packaging/try-it.sh [--oauth]     (with --oauth: how a person signs in, in place of API keys)
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/debian-deps.sh
mkdir -p build
cmake --preset release -DCLICKFLOW_TESTS=OFF >build/configure.log || { cat build/configure.log >&2; exit 1; }
cmake --build --preset release --target clickflow-mcp clickflow-sandbox
exec build/release/clickflow-sandbox demo "$@"
