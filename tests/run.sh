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

build_and_test() { # preset
  cmake --preset "$1" >"build/configure-$1.log" || { cat "build/configure-$1.log" >&2; exit 1; }
  cmake --build --preset "$1"
  ctest --preset "$1" -j "$jobs"
}

sanitize() {
  say 'Address and undefined-behaviour sanitizers'
  build_and_test asan
  say 'Thread sanitizer'
  build_and_test tsan
}

say 'Dependencies'
packaging/debian-deps.sh --with-tests

if [ "$mode" = --sanitize ]; then
  sanitize
  exit 0
fi

# While the compiler works.
bash -c '. tests/e2e/support/prepare.sh' >build/npm.log 2>&1 &
npm=$!

say 'Unit and process tests'
build_and_test dev

wait "$npm" || { cat build/npm.log >&2; exit 1; }
say 'End-to-end tests'
tests/e2e/run.sh "$PWD/build/dev"

say 'Signing in, end to end'
tests/e2e/run-sign-in.sh "$PWD/build/dev"

if [ "$mode" = --full ]; then
  say 'Fuzzing'
  tests/fuzz/run.sh 20
  say 'An installed copy'
  tests/install/run.sh
fi
say 'Everything passed'
