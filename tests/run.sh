#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs every test: unit and process tests (ctest), and other
# people's programs against ours (node --test).
#
# usage: tests/run.sh [--full|--sanitize]
#   --full      adds fuzzing and an installed copy
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

sanitize() { # preset
  configure "$1"
  cmake --build --preset "$1"
  ctest --preset "$1" -j "$jobs"
}

say 'Dependencies'
packaging/debian-deps.sh --with-tests

if [ "$mode" = --sanitize ]; then
  say 'Address and undefined-behaviour sanitizers'
  sanitize asan
  say 'Thread sanitizer'
  sanitize tsan
  exit 0
fi

# While the compiler works.
bash -c '. tests/e2e/support/prepare.sh' >build/npm.log 2>&1 &
npm=$!

say 'The programs'
configure dev
cmake --build --preset dev --target clickflow-mcp clickflow-sandbox
wait "$npm" || { cat build/npm.log >&2; exit 1; }

# The end-to-end tests mostly wait: the others are compiled meanwhile. In a process group of its own, so that it can be ended.
set -m
nice -n 19 cmake --build --preset dev >build/tests.log 2>&1 &
tests=$!
set +m
trap 'kill -- "-$tests"' EXIT

say 'End-to-end tests'
tests/e2e/run.sh "$PWD/build/dev"

say 'Signing in, end to end'
tests/e2e/run-sign-in.sh "$PWD/build/dev"

say 'Unit and process tests'
wait "$tests" || { tail -n 50 build/tests.log >&2; exit 1; }
trap - EXIT
ctest --preset dev -j "$jobs"

if [ "$mode" = --full ]; then
  say 'Fuzzing'
  tests/fuzz/run.sh 20
  say 'An installed copy'
  tests/install/run.sh
fi
say 'Everything passed'
