#!/usr/bin/env bash
# Makes a Debian package of what was built, unpacks it into an empty folder and uses it from there, as it is once it is
# installed: with a minimal PATH, `/` as working directory, and none of this machine's settings.
# usage: tests/install/run.sh BUILD_DIR
set -euo pipefail
build=$(cd "${1:?usage: tests/install/run.sh BUILD_DIR}" && pwd)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd /
cpack --config "$build/CPackConfig.cmake" -B "$root/package" >"$root/log" 2>&1 || { cat "$root/log" >&2; exit 1; }
package=$(echo "$root"/package/*.deb)
echo "${package##*/}, $(stat -c %s "$package") bytes"
dpkg-deb --show --showformat 'Depends: ${Depends}\n' "$package"
# What apt would bring is here already: it was built with it.
dpkg-deb --field "$package" Depends | grep -q libssl3
dpkg-deb --extract "$package" "$root"
for program in clickflow-mcp clickflow-sandbox; do
  env -i PATH=/usr/bin:/bin HOME="$root" "$root/usr/bin/$program" --version
done
env -i PATH=/usr/bin:/bin HOME="$root" "$root/usr/bin/clickflow-sandbox" demo >"$root/demo.log" || { cat "$root/demo.log" >&2; exit 1; }
echo 'The demo ran from the package.'
