#!/bin/sh
# Before the Sentinel ends: the Redis beside it may need it for its own end.
# shellcheck source=scripts/benchmarks/sentinel/whereabouts.sh
. /opt/sentinel/whereabouts.sh
tries=0
while [ "$tries" -lt 100 ] && [ "$(role)" = master ]; do
  sleep 0.2
  tries=$((tries + 1))
done
