# Long work: one command with a log and signs of life, or one function for several machines at once.
# shellcheck shell=bash

# step LOG TITLE COMMAND...: says every 20 s that the command still runs, and shows the end of its
# log when it fails.
step() {
  local log=$LOGS/$1.log title=$2 process status=0 next
  shift 2
  mkdir -p "$LOGS"
  say "$title"
  # A process group of its own, so that an interrupt ends the command with all that it has started.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  process=$!
  set +m
  # shellcheck disable=SC2064 # the number that it has now
  trap "kill -- -$process 2>/dev/null; exit 130" INT TERM HUP
  next=$((SECONDS + 20))
  while kill -0 "$process" 2>/dev/null; do
    sleep 0.2
    [ "$SECONDS" -lt "$next" ] || {
      say "$title: still at it"
      next=$((SECONDS + 20))
    }
  done
  wait "$process" || status=$?
  trap - INT TERM HUP
  [ "$status" = 0 ] && return
  tail -n 15 "$log" >&2
  fail "$title failed; the whole log is $log"
}

# for_each FUNCTION ITEM...: all at once; fails when one of them does.
for_each() {
  local function=$1 item process processes=() status=0
  shift
  for item in "$@"; do
    "$function" "$item" &
    processes+=($!)
  done
  for process in "${processes[@]}"; do wait "$process" || status=1; done
  return "$status"
}
