#!/usr/bin/env bash
# Runs a command in a session of its own: a home, a D-Bus session bus and an unlocked GNOME Keyring (its password is
# "test"), all of which end with it. Nothing of the user's own session is seen or touched.
#
# usage: tests/keychain/with_keyring.sh COMMAND [ARGUMENT…]
set -euo pipefail

for program in dbus-run-session dbus-send dbus-monitor dbus-daemon gnome-keyring-daemon; do
  command -v "$program" >/dev/null || {
    echo "$program is not installed. Run packaging/debian-deps.sh --with-tests." >&2
    exit 1
  }
done

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -p -m 700 "$home/run" "$home/data/keyrings"
# A second keyring, without a password, as people have who log in without one.
printf '[keyring]\ndisplay-name=open\nctime=0\nmtime=0\nlock-on-idle=false\nlock-after=false\n' \
  >"$home/data/keyrings/open.keyring"

env -i PATH="$PATH" HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_DATA_HOME="$home/data" CLICKFLOW_HOME="$home/clickflow" \
  dbus-run-session -- bash -c '
    printf "test\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
    for try in {1..100}; do
      dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q true && break
      [ "$try" = 100 ] && echo "gnome-keyring-daemon did not start within 10 s." >&2 && exit 1
      sleep 0.1
    done
    exec "$@"' bash "$@"
