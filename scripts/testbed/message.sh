# What the person who watches is told: progress with the elapsed time, and refusals in one sentence.
# shellcheck shell=bash

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

# The command line or the machine is not fit for this.
refuse() {
  printf 'cluster: %s\n' "$*" >&2
  exit 2
}

fail() {
  printf 'cluster: %s\n' "$*" >&2
  exit 1
}

# step LOG TITLE COMMAND...: runs a long command, says every 20 s that it still runs, and shows the
# end of its log when it fails.
step() {
  local log=$LOGS/$1.log title=$2 pid status=0 waited=0
  shift 2
  mkdir -p "$LOGS"
  say "$title"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # Interrupted: end the command too, it must not go on behind the person's back.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    waited=$((waited + 1))
    [ $((waited % 100)) != 0 ] || say "$title: still at it"
  done
  wait "$pid" || status=$?
  trap - INT TERM
  [ "$status" = 0 ] || {
    tail -n 15 "$log" >&2
    fail "$title failed; the whole log is $log"
  }
}
