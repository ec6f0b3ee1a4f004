#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs every test: unit and process tests (ctest), and other
# people's programs against ours (node --test).
#
# usage: tests/run.sh [--full]
#   --full  adds the sanitizers, fuzzing, and the package
set -euo pipefail
cd "$(dirname "$0")/.."

full=
case ${1:-} in
  '') ;;
  --full) full=yes ;;
  *) sed -n '5,6s/^# //p' "$0" >&2; exit 2 ;;
esac
say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }
jobs=$((2 * $(nproc)))  # the tests mostly wait
mkdir -p build

configure() { # preset [option...]
  cmake --preset "$@" >"build/configure-$1.log" || { cat "build/configure-$1.log" >&2; exit 1; }
}

say 'Dependencies'
packaging/debian-deps.sh --with-tests

# While the compiler works.
bash -c '. tests/e2e/support/prepare.sh' >build/npm.log 2>&1 &
npm=$!

say 'The programs'
# With these headers clang takes a third of GCC's time. What is released is GCC's: the package below.
export CXX=${CXX:-clang++}
configure dev
cmake --build --preset dev --target clickflow-mcp clickflow-sandbox
wait "$npm" || { cat build/npm.log >&2; exit 1; }

# The end-to-end tests mostly wait: the rest is compiled meanwhile, in this order. In a process group of its own, so that it
# can be ended.
builds=(dev)
if [ "$full" ]; then
  CXX=g++ configure release -DCLICKFLOW_TESTS=OFF
  configure asan
  configure tsan
  builds+=(asan tsan release)
fi
exec {built}< <(exec setsid nice -n 19 bash -c '
  for preset; do cmake --build --preset "$preset" >"build/build-$preset.log" 2>&1; echo $?; done' - "${builds[@]}")
builder=$!
trap 'kill -- "-$builder" 2>/dev/null || true' EXIT
await() { # preset
  local status
  read -r status <&"$built" && [ "$status" = 0 ] || { tail -n 50 "build/build-$1.log" >&2; exit 1; }
}

run_tests() { # preset; says what did not pass, and how it ended
  ctest --preset "$1" -j "$jobs" | grep --line-buffered -vE '^ +Start +[0-9]+: |\.\.\. +Passed '
}

say 'End-to-end tests'
tests/e2e/run.sh "$PWD/build/dev"

say 'Signing in, end to end'
tests/e2e/run-sign-in.sh "$PWD/build/dev"

say 'Unit and process tests'
await dev
run_tests dev

if [ "$full" ]; then
  say 'Fuzzing'
  tests/fuzz/run.sh 20
  say 'Address and undefined-behaviour sanitizers'
  await asan
  run_tests asan
  say 'Thread sanitizer'
  await tsan
  run_tests tsan
  say 'The package'
  await release
  tests/install/run.sh "$PWD/build/release"
fi
say 'Everything passed'
