#!/usr/bin/env bash
# Installs what was built into an empty folder and uses it from there, as a package would be: with a minimal PATH, `/` as
# working directory, and none of this machine's settings.
# usage: tests/install/run.sh BUILD_DIR
set -euo pipefail
build=$(cd "${1:?usage: tests/install/run.sh BUILD_DIR}" && pwd)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cmake --install "$build" --prefix "$root/usr" --strip >/dev/null
cd /
for program in clickflow-mcp clickflow-sandbox; do
  env -i PATH=/usr/bin:/bin HOME="$root" "$root/usr/bin/$program" --version
done
env -i PATH=/usr/bin:/bin HOME="$root" "$root/usr/bin/clickflow-sandbox" demo >"$root/demo.log" || { cat "$root/demo.log" >&2; exit 1; }
echo 'The demo ran from the installed copy.'
