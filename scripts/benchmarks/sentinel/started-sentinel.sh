#!/bin/sh
# Could the Sentinels fail over, and to this pod too? The rollout goes on to the next pod only then: a
# primary that ends before would find none to take over.
# shellcheck source=scripts/benchmarks/sentinel/whereabouts.sh
. /opt/sentinel/whereabouts.sh

# Does the Sentinel at $1 count this pod's Redis among those that are up, and $2 things of this pod in
# all? One that does not answer has no say.
counts() {
  view=$(
    for word in MASTER REPLICAS SENTINELS; do
      timeout 2 redis-cli -h "$1" -p 26379 --raw SENTINEL "$word" "$GROUP" 2>/dev/null
    done
  ) || return 0
  echo "$view" | awk -v self="$self" -v wanted="$2" '
    $0 == "ip" { getline; isOwn = $0 == self }
    $0 == "flags" && isOwn { getline; count += !/down|disconnected/ }
    END { exit count < wanted }'
}

timeout 2 redis-cli -p 26379 SENTINEL CKQUORUM "$GROUP" | grep -q '^OK' || exit 1
# A Sentinel does not count itself.
counts 127.0.0.1 1 || exit 1
for other in $(others); do
  counts "$other" 2 || exit 1
done
