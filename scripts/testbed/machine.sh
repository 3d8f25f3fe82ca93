# A machine: network, mount, uts, ipc, pid and cgroup namespaces around one process 1, in a cgroup of
# its own. Its disk is a folder; what runs on it is in that folder's services/.
# shellcheck shell=bash

# The machines of this cluster, the control plane first.
machine_names() { cat "$RUN/machines" 2>/dev/null || true; }

worker_names() { machine_names | grep -vx cp || true; }

# Refuses a name that is not one of a machine of this cluster.
machine_must_exist() {
  local names
  names=$(machine_names | tr '\n' ' ')
  [ -n "$names" ] || fail "there is no cluster; start one with: cluster up"
  [[ " $names" == *" $1 "* ]] || refuse "there is no machine '$1'; the machines are: ${names% }"
}

machine_is_on() { [ -n "$(cgroup_first_process "$1")" ]; }

machine_must_be_on() {
  machine_is_on "$1" || fail "machine $1 is off; turn it on with: cluster power-on $1"
}

# Writes the disk of a new machine.
machine_create() {
  local disk=$RUN/$1
  mkdir -p "$disk"/{etc/cni/net.d,etc-work,log,services}
  mkdir -p "$disk"/var/{tmp,log/pods,log/containers,local-path,lib/{kubelet,containerd,cni}}
  ln -s /run "$disk/var/run"
  chmod 1777 "$disk/var/tmp"
  echo "$1" >"$disk/etc/hostname"
  printf '127.0.0.1 localhost\n%s %s\n' "$(machine_address "$1")" "$1" >"$disk/etc/hosts"
  echo "nameserver $NETWORK.1" >"$disk/etc/resolv.conf"
  tr -d - </proc/sys/kernel/random/uuid >"$disk/etc/machine-id"
  # kubelet takes the size of the machine from here, not from the cgroup.
  sed -E "s/^MemTotal: .*/MemTotal:       $((MEMORY_MIB * 1024)) kB/
    s/^(SwapTotal|SwapFree): .*/\1:              0 kB/" /proc/meminfo >"$disk/meminfo"
}

# Turns a machine on and waits until its services are started.
machine_start() {
  local machine=$1
  network_attach "$machine"
  cgroup_create "$machine"
  # Every start is another boot, for kubelet too.
  cat /proc/sys/kernel/random/uuid >"$RUN/$machine/boot_id"
  machine_run_first_process "$machine" >"$RUN/$machine/log/init.log" 2>&1 </dev/null &
  for _ in $(seq 100); do
    [ ! -e "$RUN/$machine/log/ready" ] || return 0
    sleep 0.1
  done
  tail -n 5 "$RUN/$machine/log/init.log" >&2
  fail "machine $machine does not start"
}

machine_run_first_process() {
  cgroup_enter "$1"
  cd "$CACHE" || exit
  # The lock on the cluster is the caller's, and must not live as long as the machine.
  exec {LOCK}>&-
  exec nsenter --net="/run/netns/$CLUSTER-$1" unshare --cgroup \
    bash "$TESTBED/machine-start.sh" "$(cgroup_of "$1")" "$(cgroup_version)" \
    "$1" "$INSIDE" "$INSIDE_RUN/$1"
}

# Power loss: nothing in the machine hears of it, and its disk stays.
machine_kill() {
  rm -f "$RUN/$1/log/ready"
  cgroup_kill "$1"
  cgroup_remove "$1"
  network_detach "$1"
}

# Replaces the calling process by a command inside the machine.
machine_exec() {
  local machine=$1 first
  shift
  machine_must_be_on "$machine"
  first=$(cgroup_first_process "$machine")
  cgroup_enter "$machine"
  exec nsenter --target "$first" --mount --uts --ipc --net --pid --cgroup --wd=/ -- "$@"
}

# Replaces the calling process by a command with this host's files and the machine's network. It is no
# process of the machine: it lives on when the machine is cut off, frozen or without power.
machine_net() {
  local machine=$1
  shift
  machine_must_be_on "$machine"
  exec nsenter --net="/run/netns/$CLUSTER-$machine" -- "$@"
}

# Lets a machine run a program whenever it is on, from its next start: machine_service MACHINE NAME
# COMMAND... It writes to the machine's log/NAME.log.
machine_service() {
  local file=$RUN/$1/services/$2
  shift 2
  { printf 'exec' && printf ' %q' "$@" && echo; } >"$file"
}
