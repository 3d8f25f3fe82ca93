#!/bin/sh
# Starts a Sentinel that watches what the others watch. Its id stays over restarts: the others would
# count the former one among those who have to agree.
set -eu
# shellcheck source=scripts/benchmarks/sentinel/whereabouts.sh
. /opt/sentinel/whereabouts.sh
cat >/run/sentinel/sentinel.conf <<CONF
port 26379
dir /run/sentinel
protected-mode no
sentinel myid $(printf '%s-%s' "$SET" "$ordinal" | sha1sum | cut -d' ' -f1)
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $self
sentinel announce-port 26379
sentinel monitor $GROUP $(primary) 6379 2
sentinel auth-pass $GROUP $REDIS_PASSWORD
sentinel down-after-milliseconds $GROUP $DOWN_AFTER_MS
sentinel failover-timeout $GROUP $FAILOVER_TIMEOUT_MS
sentinel parallel-syncs $GROUP 1
CONF
exec redis-server /run/sentinel/sentinel.conf --sentinel
