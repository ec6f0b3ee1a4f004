#!/usr/bin/env bash
# Installs what the build needs on Debian (12 and later), and builds two libraries: cpp-httplib, which Debian 12 has only
# in a version that is too old (0.11 injects header values) and Debian 13 without its CMake files, and Catch2 (Debian 12's
# 2.x lets a misspelt test name pass). They come from Debian 13's source packages, with Debian's security patches, through
# this machine's own apt mirror and its signature checks, and are installed under build/deps, which the CMake presets
# search. Nothing of the system's apt settings is changed. Can be run again: what is there is not done twice.
#
# usage: packaging/debian-deps.sh [--with-tests]
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ cmake ninja-build pkg-config ccache python3 dpkg-dev
  libboost1.81-dev nlohmann-json3-dev libspdlog-dev libssl-dev libcli11-dev libexpected-dev libsecret-1-dev)
sources=(cpp-httplib)
if [ "${1:-}" = --with-tests ]; then
  packages+=(clang libclang-rt-dev llvm nodejs npm dbus gnome-keyring libsecret-1-0 chromium)
  sources+=(catch2)
fi
# Later ones have a newer Boost under another name.
. /etc/os-release
[ "${VERSION_CODENAME:-}" = bookworm ] || packages=("${packages[@]/libboost1.81-dev/libboost-dev}")

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
installed() { [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]; }

need=()
for package in "${packages[@]}"; do
  # NodeSource's nodejs brings npm along, and a machine may have either from elsewhere.
  case $package in nodejs | npm) command -v "${package/nodejs/node}" >/dev/null && continue ;; esac
  installed "$package" || need+=("$package")
done
if [ ${#need[@]} -gt 0 ]; then
  echo "Installing ${need[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

# The name of what is changed in a source (below) is in its stamp: one that was built before is built again.
stamp() { echo "build/deps/.${1/#cpp-httplib/cpp-httplib-undecoded}"; }

missing=()
for source in "${sources[@]}"; do
  [ -e "$(stamp "$source")" ] || missing+=("$source")
done
[ ${#missing[@]} -eq 0 ] && exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/parts" "$scratch/lists/partial" build/deps

# Debian 13's source index, from wherever this machine gets its packages; without backports, which are newer.
if [ -f /etc/apt/sources.list.d/debian.sources ]; then
  sed -E -e 's/^Types:.*/Types: deb-src/' -e '/^Suites:/{s/-backports[a-z-]*//g; s/bookworm/trixie/g}' \
    /etc/apt/sources.list.d/debian.sources >"$scratch/parts/next.sources"
else
  sed -nE -e '/backports/d' -e 's/bookworm/trixie/' -e '/trixie/s/^deb /deb-src /p' /etc/apt/sources.list >"$scratch/parts/next.list"
fi
apt_next() {
  apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$scratch/parts" \
    -o Dir::State::lists="$scratch/lists" -o Dir::Cache::pkgcache="$scratch/packages" \
    -o Dir::Cache::srcpkgcache="$scratch/sources" -o APT::Sandbox::User="$(id -un)" "$@"
}
apt_next update
for source in "${missing[@]}"; do
  echo "Building $source from Debian's source package"
  (cd "$scratch" && apt_next source "$source" >/dev/null 2>&1) || {
    echo "$source could not be fetched through apt. Check the machine's apt mirror, then run this again." >&2
    exit 1
  }
  case $source in
    cpp-httplib)
      options=(-DHTTPLIB_COMPILE=ON -DHTTPLIB_REQUIRE_OPENSSL=ON -DHTTPLIB_USE_ZLIB_IF_AVAILABLE=OFF
        -DHTTPLIB_USE_BROTLI_IF_AVAILABLE=OFF)
      # It makes an A of %41 in every header's value, such as the id of a session, which must go back as it came.
      # 0.23 leaves values alone.
      decoding='fn(key, decode_url(val, false));'
      grep -qF "$decoding" "$scratch/$source"-*/httplib.h || {
        echo "$source does not decode header values where it is known to; look at what debian-deps.sh changes there." >&2
        exit 1
      }
      sed -i "s/$decoding/fn(key, val);/" "$scratch/$source"-*/httplib.h
      ;;
    catch2) options=(-DCATCH_INSTALL_DOCS=OFF -DCATCH_INSTALL_EXTRAS=ON) ;;
  esac
  cmake -S "$scratch/$source"-*/ -B "$scratch/build-$source" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_STANDARD=20 -DCMAKE_INSTALL_PREFIX="$PWD/build/deps" \
    -DBUILD_TESTING=OFF "${options[@]}" >"$scratch/log" 2>&1 &&
    cmake --build "$scratch/build-$source" --target install >>"$scratch/log" 2>&1 || {
    tail -n 30 "$scratch/log" >&2
    echo "$source did not build; the lines above say why." >&2
    exit 1
  }
  touch "$(stamp "$source")"
done
