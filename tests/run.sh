#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs every test: unit and process tests (ctest), and other
# people's programs against ours (node --test).
#
# usage: tests/run.sh [--full]
#   --full  adds what is slow: the sanitizers, fuzzing, and an installed copy
set -euo pipefail
cd "$(dirname "$0")/.."

full=
case "${1:-}" in
  --full) full=1 ;;
  '') ;;
  *) sed -n '5,6s/^# //p' "$0" >&2; exit 2 ;;
esac
say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }
jobs=$(nproc)

build_and_test() { # preset
  cmake --preset "$1" >"build/configure-$1.log" || { cat "build/configure-$1.log" >&2; exit 1; }
  cmake --build --preset "$1"
  ctest --preset "$1" -j "$jobs"
}

say 'Dependencies'
packaging/debian-deps.sh --with-tests

say 'Unit and process tests'
build_and_test release

say 'End-to-end tests'
tests/e2e/run.sh "$PWD/build/release"

if [ -n "$full" ]; then
  say 'Address and undefined-behaviour sanitizers'
  build_and_test asan
  say 'Thread sanitizer'
  build_and_test tsan
  say 'Fuzzing'
  tests/fuzz/run.sh 20
  say 'An installed copy'
  tests/install/run.sh
fi
say 'Everything passed'
