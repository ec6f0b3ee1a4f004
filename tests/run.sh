#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs every test: unit and process tests (ctest), and other
# people's programs against ours (node --test).
#
# usage: tests/run.sh [--full|--sanitize]
#   --full      runs the unit and process tests under sanitizers, and adds fuzzing and an installed copy
#   --sanitize  only the unit and process tests, under the address, undefined-behaviour and thread sanitizers
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-}
case $mode in
  '' | --full | --sanitize) ;;
  *) sed -n '5,7s/^# //p' "$0" >&2; exit 2 ;;
esac
say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }
jobs=$(nproc)
mkdir -p build

configure() { # preset
  cmake --preset "$1" >"build/configure-$1.log" || { cat "build/configure-$1.log" >&2; exit 1; }
}

build_unit_tests() { cmake --build --preset dev; }
test_units() {
  say 'Unit tests'
  ctest --preset dev -j "$jobs" --tests-regex '^unit'
}

build_sanitized() {
  for preset in asan tsan; do
    configure "$preset"
    cmake --build --preset "$preset"
  done
}
test_sanitized() {
  say 'Address and undefined-behaviour sanitizers'
  ctest --preset asan -j "$jobs"
  say 'Thread sanitizer'
  ctest --preset tsan -j "$jobs"
}

say 'Dependencies'
packaging/debian-deps.sh --with-tests

if [ "$mode" = --sanitize ]; then
  build_sanitized
  test_sanitized
  exit 0
fi

# While the compiler works.
bash -c '. tests/e2e/support/prepare.sh' >build/npm.log 2>&1 &
npm=$!

say 'Process tests'
configure dev
cmake --build --preset dev --target clickflow-mcp clickflow-sandbox process_tests keyring_tests
ctest --preset dev -j "$jobs" --exclude-regex '^unit'
wait "$npm" || { cat build/npm.log >&2; exit 1; }

# The end-to-end tests mostly wait: the rest is compiled meanwhile. Sanitized unit tests take the place of plain ones. It is a
# process group of its own, so that it can be ended.
build_rest=build_unit_tests test_rest=test_units
[ "$mode" != --full ] || build_rest=build_sanitized test_rest=test_sanitized
set -m
nice -n 19 bash -c "$(declare -f configure "$build_rest"); set -e; $build_rest" >build/rest.log 2>&1 &
rest=$!
set +m
trap 'kill -- "-$rest" 2>/dev/null || true' EXIT

say 'End-to-end tests'
tests/e2e/run.sh "$PWD/build/dev"

say 'Signing in, end to end'
tests/e2e/run-sign-in.sh "$PWD/build/dev"

say 'Waiting for the compiler'
wait "$rest" || { tail -n 50 build/rest.log >&2; exit 1; }
trap - EXIT
"$test_rest"

if [ "$mode" = --full ]; then
  say 'Fuzzing'
  tests/fuzz/run.sh 20
  say 'An installed copy'
  tests/install/run.sh
fi
say 'Everything passed'
