#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each for SECONDS. Fails where one crashes, hangs or eats memory; the input that
# it was is left in build/fuzz/findings. What was learnt is kept in build/fuzz/corpus.
#
# usage: tests/fuzz/run.sh SECONDS     (after packaging/debian-deps.sh --with-tests)
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS}

mkdir -p build/fuzz/findings
cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_PREFIX_PATH="$PWD/build/deps" -DCLICKFLOW_TESTS=OFF -DCLICKFLOW_FUZZ=ON -DCLICKFLOW_WERROR=ON >/dev/null
cmake --build build/fuzz --target fuzzers

for source in tests/fuzz/*_fuzz.cpp; do
  name=$(basename "$source" .cpp)
  mkdir -p "build/fuzz/corpus/$name"
  echo "== $name"
  if ! "build/fuzz/tests/fuzz/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/${name%_fuzz}" >"build/fuzz/$name.log" 2>&1; then
    tail -40 "build/fuzz/$name.log" >&2
    exit 1
  fi
  grep -E 'number_of_executed_units|peak_rss_mb' "build/fuzz/$name.log"
done
