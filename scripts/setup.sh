# What demo and test need before they can run: commands of Debian, and the Node modules with the Node
# that all TypeScript of this checkout runs with.
#
# As a program, it installs the packages that its argument names: lines of a command and its package.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2164 # ROOT and `set -e` are the caller's

PATH=$PATH:/usr/sbin:/sbin
: "${ROOT:=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)}"
TESTBED=$ROOT/scripts/testbed
for part in message settings step host; do
  # shellcheck source=/dev/null
  . "$TESTBED/$part.sh"
done

# shellcheck disable=SC2034 # packages_install takes the name
NODE_NEEDS='
node nodejs
npm npm
'
NODE=$ROOT/node_modules/.bin/node
# Holds what the modules were installed from; a change of the lock file makes them stale.
NODE_STAMP=$ROOT/node_modules/.installed-from

setup_packages() {
  [ "$(id -u)" = 0 ] || setup_lacks_nothing "$1" || refuse 'packages of Debian are missing: run it as root'
  packages_install "$1"
}

# Is every command there? Then no rights are needed.
setup_lacks_nothing() {
  local need
  while read -r need _; do
    [ -z "$need" ] || command -v "$need" >/dev/null || [ -e "$need" ] || return 1
  done <<<"$1"
}

setup_node() {
  # Somebody's own arrangement: npm would follow the link and empty the folder that others use.
  if [ -L "$ROOT/node_modules" ]; then
    [ -x "$NODE" ] || refuse "$ROOT/node_modules is a link, and there is no Node where it leads: run npm ci there"
    return
  fi
  if [ -x "$NODE" ] && cmp -s "$ROOT/package-lock.json" "$NODE_STAMP"; then return; fi
  setup_packages "$NODE_NEEDS"
  (
    cd "$ROOT"
    step npm 'installing the Node modules' npm ci --no-audit --no-fund
  )
  cp "$ROOT/package-lock.json" "$NODE_STAMP"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  # shellcheck disable=SC2034
  PROGRAM=setup
  setup_packages "$1"
fi
