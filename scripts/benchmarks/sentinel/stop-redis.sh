#!/bin/sh
# Before Redis ends: when it is the primary it holds writes back, and another one becomes it first.
# shellcheck source=scripts/benchmarks/sentinel/whereabouts.sh
. /opt/sentinel/whereabouts.sh
[ "$(role)" = master ] || exit 0
REDISCLI_AUTH=$REDIS_PASSWORD redis-cli CLIENT PAUSE 22000 WRITE

# Asks a Sentinel of another pod for it: the one beside this Redis ends too, and would take along what
# the others do not know yet.
ask() {
  for other in $(others); do
    case "$(timeout 2 redis-cli -h "$other" -p 26379 SENTINEL FAILOVER "$GROUP")" in
    OK | INPROG*) return 0 ;;
    esac
  done
  return 1
}

tries=0
isAsked=
while [ "$tries" -lt 100 ] && ! others_moved; do
  # One that says no may know a replica in a moment; asked again after a yes, it would begin again.
  [ -n "$isAsked" ] || ! ask || isAsked=yes
  sleep 0.2
  tries=$((tries + 1))
done
