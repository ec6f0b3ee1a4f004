#!/usr/bin/env bash
# Installs what tests/run.sh has built into an empty folder and uses it from there, as a package would be: with a minimal PATH,
# `/` as working directory, and none of this machine's settings.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cmake --install build/dev --prefix "$root/usr" --strip >/dev/null
cd /
for program in clickflow-mcp clickflow-sandbox; do
  env -i PATH=/usr/bin:/bin HOME="$root" "$root/usr/bin/$program" --version
done
env -i PATH=/usr/bin:/bin HOME="$root" "$root/usr/bin/clickflow-sandbox" demo >"$root/demo.log" || { cat "$root/demo.log" >&2; exit 1; }
echo 'The demo ran from the installed copy.'
