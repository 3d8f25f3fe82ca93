# What can be done to a machine: its link, its power, its time.
# shellcheck shell=bash

fault_cut() {
  local machine
  for machine in "$@"; do machine_must_be_on "$machine"; done
  network_cut "$@"
}

fault_heal() { network_heal "$@"; }

fault_power_off() {
  machine_kill "$1"
  touch "$RUN/$1/off"
}

# Also for a machine whose process 1 has died in another way.
fault_power_on() {
  ! machine_is_on "$1" || return 0
  machine_kill "$1"
  machine_start "$1"
  rm -f "$RUN/$1/off"
}

fault_freeze() {
  machine_must_be_on "$1"
  cgroup_freeze "$1" freeze
}

fault_thaw() { cgroup_freeze "$1" thaw; }

# The API server ends at once and is not started again: whoever asks is refused a connection. Its
# service has no file then, so that the machine tries in vain.
fault_api_down() {
  local process
  machine_must_be_on cp
  [ ! -e "$RUN/cp/services/apiserver" ] || mv "$RUN/cp/services/apiserver" "$RUN/cp/apiserver.off"
  for process in $(cgroup_members cp); do
    [ "$(cat "/proc/$process/comm" 2>/dev/null)" != kube-apiserver ] || kill -9 "$process"
  done
}

fault_api_up() {
  [ ! -e "$RUN/cp/apiserver.off" ] || mv "$RUN/cp/apiserver.off" "$RUN/cp/services/apiserver"
  wait_for_api
}
