#!/bin/sh
# As the official image does it: options alone mean the server, and root becomes the user valkey.
set -e
case ${1:-} in -* | *.conf) set -- valkey-server "$@" ;; esac
if [ "${1:-}" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user valkey -exec chown valkey '{}' +
  exec setpriv --reuid=valkey --regid=valkey --clear-groups -- "$0" "$@"
fi
exec "$@"
