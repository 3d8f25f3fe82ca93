# Who is who in the set. Sourced by the other scripts.
# shellcheck shell=sh

# The name of this pod, and the domain in which each pod of the set has one: kubelet writes both into
# /etc/hosts, the name servers need not know them yet.
# shellcheck disable=SC2034 # for whoever sources this
self=$(hostname -f)
domain=${self#*.}
# The container runtime sets it to the name of the pod.
# shellcheck disable=SC3028
ordinal=${HOSTNAME##*-}

# A name that stays when the pod behind it is another: name_of ORDINAL
name_of() { echo "$SET-$1.$domain"; }

# What one Sentinel takes for the primary; nothing when it does not answer.
primary_by() {
  timeout 2 redis-cli -h "$1" -p 26379 --raw SENTINEL get-master-addr-by-name "$GROUP" 2>/dev/null |
    head -n 1
}

# The other pods.
others() {
  for other in 0 1 2; do
    if [ "$other" != "$ordinal" ]; then name_of "$other"; fi
  done
}

# What the Sentinels of the other pods take for the primary, else the first pod.
primary() {
  for other in $(others); do
    found=$(primary_by "$other")
    if [ -n "$found" ]; then
      echo "$found"
      return
    fi
  done
  name_of 0
}

# Does every other Sentinel that answers take another Redis than this one for the primary?
others_moved() {
  moved=1
  for other in $(others); do
    found=$(primary_by "$other")
    if [ "$found" = "$self" ]; then return 1; fi
    if [ -n "$found" ]; then moved=0; fi
  done
  return "$moved"
}

# The role of this pod's own Redis; nothing when it does not run.
role() { REDISCLI_AUTH=$REDIS_PASSWORD timeout 2 redis-cli --raw ROLE 2>/dev/null | head -n 1; }
