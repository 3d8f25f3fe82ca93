#!/bin/sh
# Has this Redis all data? The rollout goes on to the next pod only then.
set -eu
REDISCLI_AUTH=$REDIS_PASSWORD timeout 2 redis-cli --raw ROLE |
  awk 'NR == 1 { role = $0 } NR == 4 { link = $0 } END { exit role != "master" && link != "connected" }'
