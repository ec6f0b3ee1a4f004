#!/usr/bin/env bash
# Has mingw-w64's compiler read every source file that a Windows build would have, *_windows.cpp and those for all
# systems, with our warnings as errors; and looks that no header is left without a file for Windows behind it. That is
# all: nothing is linked or run, MSVC may see things otherwise, and the headers of OpenSSL are this machine's.
#
# usage: tests/windows/syntax.sh [file…]
set -euo pipefail
cd "$(dirname "$0")/../.."

compiler=x86_64-w64-mingw32-g++-posix
if ! command -v "$compiler" >/dev/null; then
  as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends g++-mingw-w64-x86-64-posix >/dev/null
fi

# POSIX alone has it: the user's folder, for the paths of Linux and macOS.
posix_only='base/home'
for file in $(find src -name '*_posix.cpp'); do
  name=${file#src/} name=${name%_posix.cpp}
  [ "$name" = "$posix_only" ] || [ -e "src/${name}_windows.cpp" ] || { echo "$file has no counterpart for Windows." >&2; exit 1; }
done

# Of this system's headers only those that are the same everywhere, lest those of Linux get in.
include=$(mktemp -d)
trap 'rm -rf "$include"' EXIT
mkdir "$include/openssl"
for library in boost nlohmann spdlog fmt CLI tl; do ln -s "/usr/include/$library" "$include/"; done
ln -s /usr/include/openssl/* "/usr/include/$(gcc -print-multiarch)"/openssl/*.h "$include/openssl/"
ln -s "$PWD/build/deps/include/httplib.h" "$include/"

check() {
  "$compiler" -fsyntax-only -std=c++20 \
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Wno-sign-conversion \
    -Wno-restrict -Werror \
    -DBOOST_PROCESS_USE_STD_FS -DBOOST_PROCESS_VERSION=1 -DCLICKFLOW_VERSION='"0"' -DCPPHTTPLIB_OPENSSL_SUPPORT -DSPDLOG_FMT_EXTERNAL -DNOMINMAX -D_WIN32_WINNT=0x0A00 \
    -Iinclude -isystem "$include" "$1" || { echo "$1 is not fit for Windows." >&2; return 1; }
}
export -f check
export compiler include

if [ $# -gt 0 ]; then
  files=("$@")
else
  mapfile -t files < <(find src -name '*.cpp' | grep -vE '_(posix|linux|secret_service|macos)\.cpp$' | sort)
fi
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'check "$1"' _ {}
echo "${#files[@]} files are fit for Windows, as far as a compiler can tell that only reads them."
