#!/bin/sh
# Starts Redis as what the Sentinels say that it is.
set -eu
# shellcheck source=scripts/benchmarks/sentinel/whereabouts.sh
. /opt/sentinel/whereabouts.sh
leader=$(primary)
{
  cat /opt/sentinel/redis.conf
  echo "replica-announce-ip $self"
  echo 'replica-announce-port 6379'
  echo "requirepass $REDIS_PASSWORD"
  echo "masterauth $REDIS_PASSWORD"
  if [ "$leader" != "$self" ]; then echo "replicaof $leader 6379"; fi
} >/run/redis/redis.conf
exec redis-server /run/redis/redis.conf
